// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// A parsed store URI: `scheme:[//[user[:password]@]host[:port][,host...]][/path][?key=value&...]`.
/// Sugar over a typed options struct of each backend; the only URI parser of the project.
struct Uri {
  struct Host {
    std::string name;
    std::optional<std::uint16_t> port;
    friend bool operator==(const Host&, const Host&) = default;
  };
  std::string scheme;
  std::string user;
  std::string password;  ///< Also from `password-file=` and `password-env=`, which are taken out.
  bool password_in_uri = false;  ///< It stood in the URI itself: works, and is worth a warning.
  bool has_authority = false;    ///< `//` was there: `file:///x` has one, `memory:` has none.
  std::vector<Host> hosts;
  std::string path;  ///< Percent-decoded, with its leading slash.
  std::map<std::string, std::string, std::less<>> query;  ///< Percent-decoded values.
  std::string text;  ///< As given, redacted: the only form that may be printed.
};

/// Parses `text`. `ConfigInvalid` names the position and what is wrong: no scheme, a bad percent
/// escape or port, a repeated key, a key that is not in lower case. Reads `password-file=PATH` (the
/// first line) and `password-env=NAME`; both, or one beside a password, is an error. Never prints
/// a secret.
[[nodiscard]] Result<Uri> ParseUri(std::string_view text);

/// The one function that redacts: passwords of user-info and of secret-looking keys (`password`,
/// `secret`, `token`, ...) become `***`, in URIs and in `key=value` text, also inside a longer
/// text.
[[nodiscard]] std::string Redacted(std::string_view text);

/// Whether the value of a configuration key must never be shown (`sasl.password`, `ssl.key.pem`,
/// ...).
[[nodiscard]] bool IsSecretKey(std::string_view key) noexcept;

/// Takes the keys of a URI's query one by one, with their types; what is left over is an error.
///
///     QueryReader query(uri);
///     options.sync = query.Choice("sync", {"always", "interval", "never"}, "always");
///     options.interval = query.Duration("sync-interval", std::chrono::seconds(1));
///     OS_RETURN_IF_ERROR(query.Finish());
///
/// The first bad value is kept and returned by `Finish`: `ConfigInvalid` that names the key, the
/// value and what is allowed; a key nobody took names the nearest known one and lists all.
class QueryReader {
 public:
  explicit QueryReader(const Uri& uri);

  [[nodiscard]] std::string String(std::string_view key, std::string_view fallback);
  [[nodiscard]] std::string Choice(std::string_view key,
                                   std::span<const std::string_view> allowed,
                                   std::string_view fallback);
  [[nodiscard]] std::string Choice(std::string_view key,
                                   std::initializer_list<std::string_view> allowed,
                                   std::string_view fallback) {
    return Choice(key, std::span(allowed.begin(), allowed.size()), fallback);
  }
  [[nodiscard]] bool Bool(std::string_view key, bool fallback);
  [[nodiscard]] std::int64_t Integer(std::string_view key,
                                     std::int64_t fallback,
                                     std::int64_t min,
                                     std::int64_t max);
  /// With a unit: `500ms`, `5s`, `2m`, `1h`.
  [[nodiscard]] offsetstore::Duration Duration(std::string_view key,
                                               offsetstore::Duration fallback);
  /// In bytes, with a unit: `64KiB`, `1MiB`, `10B`.
  [[nodiscard]] std::size_t Size(std::string_view key, std::size_t fallback);

  [[nodiscard]] Status Finish();

 private:
  const std::string* Take(std::string_view key);
  void Fail(std::string_view key, std::string_view value, std::string_view expected);

  std::map<std::string, std::string, std::less<>> left_;
  std::vector<std::string> known_;
  std::optional<Error> first_error_;
};

}  // namespace offsetstore
