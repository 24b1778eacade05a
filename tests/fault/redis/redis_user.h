// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "offsetstore/backends/redis.h"
#include "redis_client.h"

namespace offsetstore::testing {

/// A user of the shared server with the rights that docs/backends/redis.md lists, below the prefix
/// of these options, and with a password of its own. It lives as long as this.
class RedisUser {
 public:
  static constexpr const char* kPassword = "pass-of-user";

  explicit RedisUser(const RedisOptions& options);
  RedisUser(const RedisUser&) = delete;
  RedisUser& operator=(const RedisUser&) = delete;
  ~RedisUser();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Also takes: rules as `ACL SETUSER` has them, `+info`, `-eval`.
  void Give(std::initializer_list<std::string_view> rules);
  [[nodiscard]] RedisOptions As(RedisOptions options) const;

 private:
  RedisClient client_;
  std::string name_;
};

}  // namespace offsetstore::testing
