// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "command.h"
#include "offsetstore/backends/redis.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "redis_error.h"
#include "reply.h"
#include "scripts.h"

namespace offsetstore::redis {

/// `host:port/db` or `path/db`, printable, without secrets.
[[nodiscard]] std::string EndpointOf(const RedisOptions& options);

/// What came back for a list of commands.
struct Replies {
  std::vector<Reply> replies;  ///< One for each command; null: it was cut off before its reply.
  std::optional<Error> cut;    ///< Why there are null ones.
};

/// One connection to the server. Every wait ends at the deadline given with the call, for hiredis
/// is never left to wait by itself: its own timeout is forgotten over a reconnect. After a failure
/// it is broken and good for nothing but to be dropped. One thread at a time.
class Connection {
 public:
  /// Connects; says nothing to the server yet.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> Open(const RedisOptions& options,
                                                                Deadline deadline);

  /// Sends all of `commands` at once and reads their replies. Commands that the server was not
  /// ready for are sent again until the deadline, as are scripts that it did not know, with their
  /// text. `risk` says what the commands are.
  [[nodiscard]] Replies Run(std::span<const Command> commands, Risk risk, Deadline deadline);

  /// Remembers that the server holds `script` under `sha`.
  void Learn(Script script, std::string sha);

  [[nodiscard]] bool IsBroken() const noexcept { return broken_; }
  /// It is broken, or the server closed it or sent something unasked while it was idle.
  [[nodiscard]] bool IsStale() const;
  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

 private:
  struct ContextFree {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };
  using Context = std::unique_ptr<redisContext, ContextFree>;

  Connection(Context context, const RedisOptions& options)
      : context_(std::move(context)), endpoint_(EndpointOf(options)), tls_(options.tls) {}

  /// One round: writes `wire`, reads `count` replies into `replies`, whose places are `places`.
  std::optional<Error> Exchange(const std::string& wire,
                                std::span<const std::size_t> places,
                                std::vector<Reply>& replies,
                                Risk risk,
                                Deadline deadline);
  [[nodiscard]] bool WriteSome(const std::string& wire, std::size_t& handed);
  [[nodiscard]] bool TakeReplies(std::span<const std::size_t> places,
                                 std::vector<Reply>& replies,
                                 std::size_t& received);
  [[nodiscard]] Error Fail(Cut cut, Risk risk);

  Context context_;
  std::string endpoint_;
  bool tls_;
  std::array<std::string, kScripts> shas_;
  bool broken_ = false;
  bool sent_ = false;  // a byte of the round in hand
};

}  // namespace offsetstore::redis
