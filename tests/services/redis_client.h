// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;

namespace offsetstore::testing {

/// `OFFSETSTORE_TEST_REDIS`, the URI of the server that the tests share; without it the process
/// says so and exits 77.
[[nodiscard]] std::string RedisUri();
/// The process id of that server.
[[nodiscard]] int RedisPid();

/// A plain client of a Redis on 127.0.0.1, to look behind a store's back. Throws where the server
/// does not answer.
class RedisClient {
 public:
  explicit RedisClient(std::uint16_t port);
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;
  ~RedisClient();

  /// The words of a reply: one of a single value (`(nil)` for none), those of an array. Throws
  /// where the server answers with an error.
  std::vector<std::string> Do(std::initializer_list<std::string_view> words);
  /// The only word.
  std::string One(std::initializer_list<std::string_view> words);
  /// What the server answers as an error; empty: none.
  std::string ErrorOf(std::initializer_list<std::string_view> words);

 private:
  struct Free {
    void operator()(redisContext* context) const noexcept;
  };
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace offsetstore::testing
