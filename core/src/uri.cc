// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/uri.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "internal/redact_uri.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

constexpr auto kNone = std::string_view::npos;

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

bool IsLower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

// Our own keys have hyphens; underscores stand in those that belong to a client library (libpq's
// `connect_timeout`). A backend knows its keys: what nobody takes is refused there, with a hint.
bool IsKey(std::string_view key) {
  if (key.empty() || !IsLower(key.front()) || key.back() == '-' || key.back() == '_' ||
      key.find("--") != kNone) {
    return false;
  }
  return std::all_of(key.begin(), key.end(), [](char c) {
    return IsLower(c) || internal::IsDigit(c) || c == '-' || c == '_';
  });
}

/// Reads one URI. No message ever quotes a part of it: where an unescaped password confused the
/// parser, any part may be the password. The redacted whole and a position say enough.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { uri_.text = internal::RedactUri(text); }

  Result<Uri> Parse() {
    OS_RETURN_IF_ERROR(CheckBytes());
    OS_RETURN_IF_ERROR(ParseScheme());
    std::string_view rest = text_.substr(uri_.scheme.size() + 1);
    const std::size_t question = rest.find('?');
    std::string_view query;
    if (question != kNone) {
      query = rest.substr(question + 1);
      rest = rest.substr(0, question);
    }
    if (rest.starts_with("//")) {
      uri_.has_authority = true;
      rest.remove_prefix(2);
      const std::size_t end = std::min(rest.find('/'), rest.size());
      OS_RETURN_IF_ERROR(ParseAuthority(rest.substr(0, end)));
      rest.remove_prefix(end);
    }
    OS_RETURN_IF_ERROR(ParsePath(rest));
    if (question != kNone) OS_RETURN_IF_ERROR(ParseQuery(query));
    return std::move(uri_);
  }

 private:
  // `where` must be a part of the text.
  [[nodiscard]] Error At(std::string_view where, std::string_view what) const {
    const auto position = static_cast<std::size_t>(where.data() - text_.data()) + 1;
    return Invalid("URI " + Printable(uri_.text) + ": " + std::string(what) + " (at character " +
                   std::to_string(position) + ')');
  }

  Status CheckBytes() const {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text_[i]);
      if (byte < 0x20 || byte == 0x7F) return At(text_.substr(i), "control character");
      if (byte == '#') return At(text_.substr(i), "'#' has no meaning here; write it as %23");
    }
    return {};
  }

  Status ParseScheme() {
    const std::size_t colon = text_.find(':');
    const std::string_view scheme = text_.substr(0, colon == kNone ? 0 : colon);
    const bool fine = !scheme.empty() && IsLower(internal::ToLower(scheme.front())) &&
                      std::all_of(scheme.begin(), scheme.end(), [](char c) {
                        return IsLower(internal::ToLower(c)) || internal::IsDigit(c) || c == '+' ||
                               c == '-' || c == '.';
                      });
    if (!fine) {
      return At(text_, "no scheme; a store's URI looks like file:///var/lib/app/offsets");
    }
    uri_.scheme.resize(scheme.size());
    std::transform(scheme.begin(), scheme.end(), uri_.scheme.begin(), internal::ToLower);
    return {};
  }

  Result<std::string> Decode(std::string_view part) const {
    std::string out;
    out.reserve(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '%') {
        out += part[i];
        continue;
      }
      const int high = i + 1 < part.size() ? internal::HexValue(part[i + 1]) : -1;
      const int low = i + 2 < part.size() ? internal::HexValue(part[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return At(part.substr(i), "'%' is not followed by two hexadecimal digits; write % as %25");
      }
      // Client libraries take C strings and would cut the value there.
      if (high + low == 0) return At(part.substr(i), "%00 cannot stand in a URI");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
    return out;
  }

  Status ParseAuthority(std::string_view authority) {
    const std::size_t at = authority.rfind('@');
    if (at != kNone) {
      OS_RETURN_IF_ERROR(ParseUserInfo(authority.substr(0, at)));
      authority.remove_prefix(at + 1);
      if (authority.empty()) return At(authority, "a host must follow '@'");
    }
    while (!authority.empty()) {
      const std::size_t comma = authority.find(',');
      OS_RETURN_IF_ERROR(ParseHost(authority.substr(0, comma)));
      if (comma == kNone) break;
      authority.remove_prefix(comma + 1);
      if (authority.empty()) return At(authority, "a host must follow ','");
    }
    return {};
  }

  Status ParseUserInfo(std::string_view info) {
    if (info.find('@') != kNone) return At(info, "two '@'; write the one in a password as %40");
    const std::size_t colon = info.find(':');
    OS_ASSIGN_OR_RETURN(uri_.user, Decode(info.substr(0, colon)));
    if (colon == kNone) return {};
    OS_ASSIGN_OR_RETURN(uri_.password, Decode(info.substr(colon + 1)));
    uri_.password_in_uri = !uri_.password.empty();
    return {};
  }

  Status ParseHost(std::string_view text) {
    std::string_view name = text;
    std::string_view port;
    if (text.starts_with('[')) {
      const std::size_t bracket = text.find(']');
      if (bracket == kNone) return At(text, "'[' without ']'");
      name = text.substr(1, bracket - 1);
      port = text.substr(bracket + 1);
      OS_RETURN_IF_ERROR(CheckIpv6(name));
    } else if (const std::size_t colon = text.find(':'); colon != kNone) {
      name = text.substr(0, colon);
      port = text.substr(colon);
    }
    if (name.empty()) return At(text, "a host is missing");
    Uri::Host host;
    OS_ASSIGN_OR_RETURN(host.name, Decode(name));
    if (!port.empty()) {
      OS_ASSIGN_OR_RETURN(host.port, ParsePort(port));
    }
    uri_.hosts.push_back(std::move(host));
    return {};
  }

  Status CheckIpv6(std::string_view name) const {
    const std::string_view address = name.substr(0, name.find('%'));
    const bool fine = address.find(':') != address.rfind(':') &&
                      std::all_of(address.begin(), address.end(), [](char c) {
                        return internal::HexValue(c) >= 0 || c == ':' || c == '.';
                      });
    if (!fine) return At(name, "between '[' and ']' stands no IPv6 address");
    return {};
  }

  // `text` starts with the colon.
  Result<std::uint16_t> ParsePort(std::string_view text) const {
    const auto number = ParseInteger(text.substr(text.starts_with(':') ? 1 : 0));
    if (!text.starts_with(':') || !number || *number < 1 || *number > 65535) {
      return At(text,
                "a port is 1 to 65535; an IPv6 address stands in [ ], and in a password / is "
                "written %2F, @ %40, ? %3F");
    }
    return static_cast<std::uint16_t>(*number);
  }

  Status ParsePath(std::string_view path) {
    // Behind a host it can only be the rest of a password that holds a slash.
    const std::size_t at = path.find('@');
    if (at != kNone && !uri_.hosts.empty()) {
      return At(path.substr(at), "'@' behind the host; write / in a password as %2F, @ as %40");
    }
    OS_ASSIGN_OR_RETURN(uri_.path, Decode(path));
    return {};
  }

  Status ParseQuery(std::string_view query) {
    if (query.empty()) return {};
    for (;;) {
      const std::size_t end = query.find('&');
      OS_RETURN_IF_ERROR(ParsePair(query.substr(0, end)));
      if (end == kNone) return {};
      query.remove_prefix(end + 1);
    }
  }

  Status ParsePair(std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals == kNone) return At(pair, "a key without '='");
    const std::string_view key = pair.substr(0, equals);
    if (!IsKey(key)) {
      return At(pair, "a key is written in lower case with hyphens, like sync-interval");
    }
    OS_ASSIGN_OR_RETURN(std::string value, Decode(pair.substr(equals + 1)));
    if (!uri_.query.emplace(key, std::move(value)).second) {
      return At(pair, "key '" + std::string(key) + "' is given twice");
    }
    return {};
  }

  std::string_view text_;
  Uri uri_;
};

Result<std::string> ReadPasswordFile(const std::string& path) {
  const auto refuse = [&path](std::string_view why) {
    if (internal::IsPath(path)) {
      return Invalid("password-file=" + Printable(path) + ": " + std::string(why));
    }
    return Invalid("the file named by password-file: " + std::string(why) +
                   " (write its path with a slash, as in /run/secrets/db)");
  };
  std::error_code status_error;
  const auto status = std::filesystem::status(path, status_error);
  if (status_error) return refuse(status_error.message());
  if (!std::filesystem::is_regular_file(status)) return refuse("is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("cannot be read; check its rights");
  constexpr std::size_t kLongest = 65'536;
  std::array<char, kLongest + 1> buffer{};
  file.read(buffer.data(), buffer.size());
  if (file.bad()) return refuse("cannot be read");
  const std::string_view text(buffer.data(), static_cast<std::size_t>(file.gcount()));
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return refuse("its first line is empty");
  if (line.size() >= kLongest) return refuse("its first line is too long for a password");
  return std::string(line);
}

Result<std::string> ReadPasswordEnv(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    return Invalid("the variable named by password-env" +
                   (internal::IsVariable(name) ? "=" + name : std::string()) +
                   " is not set, or empty");
  }
  return std::string(value);
}

Status TakePassword(Uri& uri) {
  const auto file = uri.query.extract("password-file");
  const auto env = uri.query.extract("password-env");
  if (file.empty() && env.empty()) return {};
  if ((!file.empty() && !env.empty()) || uri.password_in_uri) {
    return Invalid("URI " + Printable(uri.text) +
                   ": give the password once: in the URI, by password-file= or by password-env=");
  }
  auto password = file.empty() ? ReadPasswordEnv(env.mapped()) : ReadPasswordFile(file.mapped());
  if (!password) return std::move(password).error();
  uri.password = *std::move(password);
  return {};
}

}  // namespace

Result<Uri> ParseUri(std::string_view text) {
  OS_ASSIGN_OR_RETURN(Uri uri, Parser(text).Parse());
  OS_RETURN_IF_ERROR(TakePassword(uri));
  return uri;
}

}  // namespace offsetstore
