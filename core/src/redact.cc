// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "internal/characters.h"
#include "internal/redact_uri.h"
#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kBlanks = " \t";
// What a text may put behind a URI or a value.
constexpr std::string_view kPunctuation = ".,:;)]}";

bool IsAlnum(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || internal::IsDigit(c);
}

bool IsSchemeChar(char c) noexcept {
  return IsAlnum(c) || c == '+' || c == '.' || c == '-';
}

bool IsKeyChar(char c) noexcept {
  return IsAlnum(c) || c == '.' || c == '-' || c == '_';
}

bool IsPort(std::string_view text) noexcept {
  const auto other = std::find_if_not(text.begin(), text.end(), internal::IsDigit);
  const auto digits = static_cast<std::size_t>(other - text.begin());
  return digits > 0 && text.find_first_not_of(kPunctuation, digits) == std::string_view::npos;
}

bool Holds(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t kCount, class Test>
bool AnyOf(const std::array<std::string_view, kCount>& parts, Test test) {
  return std::any_of(parts.begin(), parts.end(), test);
}

// One slip of the pen away: a letter too many, too few, wrong, or changed places with the next.
bool IsMistyped(std::string_view name, std::string_view word) noexcept {
  const auto same = std::mismatch(name.begin(), name.end(), word.begin(), word.end());
  const auto at = static_cast<std::size_t>(same.first - name.begin());
  const auto rest = [](std::string_view text, std::size_t from) {
    return text.substr(std::min(from, text.size()));
  };
  if (rest(name, at + 1) == rest(word, at) || rest(name, at) == rest(word, at + 1)) return true;
  if (rest(name, at + 1) == rest(word, at + 1)) return true;
  const std::string_view left = rest(name, at);
  const std::string_view right = rest(word, at);
  return left.size() > 1 && right.size() > 1 && left[0] == right[1] && left[1] == right[0] &&
         left.substr(2) == right.substr(2);
}

// Hides the ports of an authority that are none: `redis://user:password` without its host.
std::string RedactPorts(std::string_view authority) {
  std::string out;
  while (!authority.empty()) {
    const std::size_t comma = authority.find(',');
    const std::string_view host = authority.substr(0, comma);
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const bool bad = colon != std::string_view::npos && colon + 1 < host.size() &&
                     !IsPort(host.substr(colon + 1));
    out += bad ? std::string(host.substr(0, colon + 1)).append(kHidden) : std::string(host);
    if (comma == std::string_view::npos) break;
    out += ',';
    authority.remove_prefix(comma + 1);
  }
  return out;
}

// A value of a query may be a text with a URI in it, and so on. Nobody nests them deeper than this.
constexpr int kDeepest = 4;

std::string RedactText(std::string_view text, int depth);
std::string RedactAfterScheme(std::string_view rest, int depth);
std::size_t SchemeBytes(std::string_view text, bool needs_slashes);

bool IsEscape(std::string_view text) noexcept {
  return text.size() >= 3 && text[0] == '%' && internal::HexValue(text[1]) >= 0 &&
         internal::HexValue(text[2]) >= 0;
}

std::string Decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool escape = IsEscape(text);
    out += escape
               ? static_cast<char>(internal::HexValue(text[1]) * 16 + internal::HexValue(text[2]))
               : text[0];
    text.remove_prefix(escape ? 3 : 1);
  }
  return out;
}

// What can stand in a value as it is, stays readable.
std::string Encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsAlnum(c) || Holds("-._~*/:@,", std::string_view(&c, 1))) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
  return out;
}

// A value with escapes, which may be a whole URI: what it is once decoded must hold no secret. It
// stays as it is where it holds none.
std::string RedactValue(std::string_view value, int depth) {
  const std::string plain = Decoded(value);
  if (plain == value) return RedactText(value, depth + 1);
  const std::size_t scheme = SchemeBytes(plain, true);
  const std::string hidden =
      scheme == 0 ? RedactText(plain, depth + 1)
                  : plain.substr(0, scheme) + RedactAfterScheme(plain.substr(scheme), depth + 1);
  return hidden == plain ? std::string(value) : Encoded(hidden);
}

// Whether the value of `key` says where a secret is: the name of a variable, the path of a file.
bool NamesPlace(std::string_view key) {
  for (const std::string_view end : {"-env", "-file"}) {
    if (key.ends_with(end)) return IsSecretKey(key.substr(0, key.size() - end.size()));
  }
  return false;
}

// Whether `value` may be the secret itself, written where its place belongs.
bool IsMisplaced(std::string_view key, std::string_view value) {
  value = value.substr(0, value.find_last_not_of(kPunctuation) + 1);
  if (value.empty()) return false;
  return key.ends_with("-env") ? !internal::IsVariable(value) : !internal::IsPath(Decoded(value));
}

// Hides the values of secret keys in `key=value&key=value`.
std::string RedactQuery(std::string_view query, int depth) {
  if (depth > kDeepest) return std::string(kHidden);
  std::string out;
  for (;;) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t value = pair.find('=') + 1;
    const std::string_view key = pair.substr(0, value == 0 ? 0 : value - 1);
    const bool secret =
        IsSecretKey(key) || (NamesPlace(key) && IsMisplaced(key, pair.substr(value)));
    out += pair.substr(0, value);
    out += secret ? std::string(kHidden) : RedactValue(pair.substr(value), depth);
    if (end == std::string_view::npos) return out;
    out += '&';
    query.remove_prefix(end + 1);
  }
}

// Where the user-info ends that `rest`, the text behind `scheme:`, may have. A password that was
// not percent-encoded may hold `/`, `?`, `#` and `@`: it goes up to the last `@` before the first
// value of the query.
std::size_t UserInfoEnd(std::string_view rest) {
  const std::size_t query = rest.find('?');
  return rest
      .substr(0, query == std::string_view::npos ? std::string_view::npos : rest.find('=', query))
      .rfind('@');
}

// Redacts user-info, without its `@`.
std::string RedactUserInfo(std::string_view info) {
  // Without slashes all of it may be the password: `user:password@host` looks like a scheme.
  if (!info.starts_with('/')) return std::string(kHidden);
  const std::size_t colon = info.find(':');
  if (colon == std::string_view::npos) return std::string(info);
  return std::string(info.substr(0, colon + 1)).append(kHidden);
}

// What follows `scheme:`.
std::string RedactAfterScheme(std::string_view rest, int depth) {
  std::string out;
  if (const std::size_t at = UserInfoEnd(rest); at != std::string_view::npos) {
    out = RedactUserInfo(rest.substr(0, at));
    rest.remove_prefix(at);
  } else if (rest.starts_with("//")) {
    const std::size_t end = std::min(rest.find_first_of("/?#", 2), rest.size());
    out = "//" + RedactPorts(rest.substr(2, end - 2));
    rest.remove_prefix(end);
  }
  const std::size_t query = rest.find('?');
  out += rest.substr(0, query);
  if (query == std::string_view::npos) return out;
  return out + '?' + RedactQuery(rest.substr(query + 1), depth);
}

// Bytes of `scheme:` at the start of `text`; 0 where it starts with none. In a longer text only
// `scheme://` and `scheme:?` count, since `word: ...` is prose.
std::size_t SchemeBytes(std::string_view text, bool needs_slashes) {
  // Schemes are short: the limit keeps the search linear.
  const auto head = text.substr(0, 32);
  const auto other = std::find_if_not(head.begin(), head.end(), IsSchemeChar);
  const auto length = static_cast<std::size_t>(other - head.begin());
  if (length == 0 || other == head.end() || *other != ':') return 0;
  const std::string_view rest = text.substr(length);
  if (needs_slashes && !rest.starts_with("://") && !rest.starts_with(":?")) return 0;
  return length + 1;
}

// Bytes of the value of a secret key at the start of `text`. `spread`: a properties line, whose
// value may hold blanks and ends with the line.
std::size_t ValueBytes(std::string_view text, bool spread) {
  if (!text.empty() && (text[0] == '\'' || text[0] == '"')) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == text[0]) {
        return i + 1;
      }
    }
    return text.size();
  }
  return std::min(text.find_first_of(spread ? "\r\n" : " \t\r\n"), text.size());
}

// A secret `key=value` at the start of `text`: appends it, hidden, and returns its bytes, else 0.
std::size_t RedactPair(std::string_view text, std::string& out) {
  const auto other = std::find_if_not(text.begin(), text.end(), IsKeyChar);
  const auto key_bytes = static_cast<std::size_t>(other - text.begin());
  if (key_bytes == 0) return 0;
  const std::string_view key = text.substr(0, key_bytes);
  const std::size_t equals = text.find_first_not_of(kBlanks, key_bytes);
  if (equals == std::string_view::npos || text[equals] != '=') return 0;
  const bool place = NamesPlace(key);
  // Most keys end here: to look at the value of each would make it more than a single pass.
  if (!place && !IsSecretKey(key)) return 0;
  const std::size_t value = std::min(text.find_first_not_of(kBlanks, equals + 1), text.size());
  const bool spread = equals != key_bytes || value != equals + 1 || Holds(key, ".");
  if (place && spread) return 0;
  const std::size_t value_bytes = ValueBytes(text.substr(value), spread);
  if (place && !IsMisplaced(key, text.substr(value, value_bytes))) return 0;
  out.append(text.substr(0, value)).append(kHidden);
  return value + value_bytes;
}

// A `scheme://...` or `scheme:?...` at the start of `text`: appends it, redacted, and returns its
// bytes, else 0.
std::size_t RedactUriWithin(std::string_view text, std::string& out, int depth) {
  const std::size_t scheme = SchemeBytes(text, true);
  if (scheme == 0) return 0;
  const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'`<>"), text.size());
  out.append(text.substr(0, scheme));
  out += RedactAfterScheme(text.substr(scheme, end - scheme), depth);
  return end;
}

// A `user:password@host` at the start of `text`, as somebody may write brokers: appends what stands
// before the `@`, hidden, and returns its bytes, else 0.
std::size_t RedactLogin(std::string_view text, std::string& out) {
  // Passwords are short: the limit keeps the search linear.
  const std::string_view head = text.substr(0, 256);
  const auto other = std::find_if_not(head.begin(), head.end(), IsKeyChar);
  const auto user = static_cast<std::size_t>(other - head.begin());
  if (user == 0 || other == head.end() || *other != ':') return 0;
  const std::size_t at = head.find_first_of("@ \t\r\n\"'`<>[]=/,", user + 1);
  if (at == std::string_view::npos || head[at] != '@' || at == user + 1) return 0;
  if (at + 1 == head.size() || !IsAlnum(head[at + 1])) return 0;
  out.append(text.substr(0, user + 1)).append(kHidden);
  return at;
}

std::string RedactText(std::string_view text, int depth) {
  if (depth > kDeepest) return std::string(kHidden);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t taken = RedactPair(text, out);
    if (taken == 0) taken = RedactUriWithin(text, out, depth);
    if (taken == 0) taken = RedactLogin(text, out);
    if (taken == 0) {
      // Neither starts here: pass over the whole word, so that a key is never looked at from its
      // middle (`max.password` is one key, not `password` after `max.`).
      const auto other = std::find_if_not(text.begin(), text.end(), IsKeyChar);
      taken = std::max<std::size_t>(static_cast<std::size_t>(other - text.begin()), 1);
      out += text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace

namespace internal {

std::string RedactUri(std::string_view uri) {
  const std::size_t scheme = SchemeBytes(uri, false);
  std::string out(uri.substr(0, scheme));
  out += RedactAfterScheme(uri.substr(scheme), 0);
  return scheme == 0 ? Redacted(out) : out;
}

bool IsVariable(std::string_view text) noexcept {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || internal::IsDigit(c) || c == '_';
  };
  return !text.empty() && !internal::IsDigit(text.front()) &&
         std::all_of(text.begin(), text.end(), fits);
}

bool IsPath(std::string_view text) noexcept {
  return Holds(text, "/");
}

}  // namespace internal

std::string Redacted(std::string_view text) {
  return RedactText(text, 0);
}

bool IsSecretKey(std::string_view key) noexcept {
  // A key is short; what is longer is no key and is looked at by its end alone.
  std::array<char, 128> lower{};
  key = key.substr(key.size() - std::min(key.size(), lower.size()));
  std::transform(key.begin(), key.end(), lower.begin(), [](char c) {
    if (c == '_' || c == '.') return '-';
    return (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string_view name(lower.data(), key.size());
  static constexpr std::array<std::string_view, 5> kReferences = {
      "-file", "-env", "-location", "-path", "-url"};
  if (AnyOf(kReferences, [name](std::string_view end) { return name.ends_with(end); })) {
    return false;
  }
  static constexpr std::array<std::string_view, 11> kSecretParts = {"password",
                                                                    "passwd",
                                                                    "passphrase",
                                                                    "secret",
                                                                    "token",
                                                                    "credential",
                                                                    "private-key",
                                                                    "api-key",
                                                                    "apikey",
                                                                    "access-key",
                                                                    "jaas-config"};
  if (AnyOf(kSecretParts, [name](std::string_view part) { return Holds(name, part); })) {
    return true;
  }
  static constexpr std::array<std::string_view, 6> kSecretNames = {
      "pass", "pwd", "auth", "ssl-key-pem", "ssl-key", "sasl-oauthbearer-config"};
  if (AnyOf(kSecretNames, [name](std::string_view whole) { return name == whole; })) return true;
  return IsMistyped(name, "password") || IsMistyped(name, "secret");
}

}  // namespace offsetstore
