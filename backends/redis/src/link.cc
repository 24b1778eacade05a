// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "link.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"

namespace offsetstore::redis {
namespace {

/// Which reply is whose; a position is none where the command was not needed.
struct Greeting {
  std::vector<Command> commands;
  std::optional<std::size_t> auth;
  std::size_t info = 0;
  std::optional<std::size_t> select;
  std::size_t commit = 0;
  std::size_t compare = 0;
  std::size_t appendfsync = 0;
  std::size_t on_rewrite = 0;

  std::size_t Add(std::initializer_list<std::string_view> words) {
    commands.emplace_back(words);
    return commands.size() - 1;
  }
};

Greeting MakeGreeting(const RedisOptions& options) {
  Greeting greeting;
  if (!options.user.empty()) {
    greeting.auth = greeting.Add({"AUTH", options.user, options.password});
  } else if (!options.password.empty()) {
    greeting.auth = greeting.Add({"AUTH", options.password});
  }
  greeting.info = greeting.Add({"INFO"});
  if (options.database != 0) {
    greeting.select = greeting.Add({"SELECT", std::to_string(options.database)});
  }
  greeting.commit = greeting.Add({"SCRIPT", "LOAD", TextOf(Script::kCommit)});
  greeting.compare = greeting.Add({"SCRIPT", "LOAD", TextOf(Script::kCompareAndSet)});
  greeting.appendfsync = greeting.Add({"CONFIG", "GET", "appendfsync"});
  greeting.on_rewrite = greeting.Add({"CONFIG", "GET", "no-appendfsync-on-rewrite"});
  return greeting;
}

/// What `CONFIG GET` of one setting answered.
std::string SettingIn(const redisReply& reply) {
  const auto elements = ElementsOf(reply);
  return elements.size() == 2 ? std::string(TextOf(*elements[1])) : std::string();
}

/// A server that closes at once says why first (too many clients, protected mode).
std::optional<Error> FirstWords(const Replies& replies, std::string_view endpoint) {
  if (!replies.cut) return std::nullopt;
  const Reply& first = replies.replies.front();
  if (first == nullptr || !IsError(*first)) return replies.cut;
  return ReplyError(TextOf(*first), Risk::kNone, endpoint);
}

Status CheckReply(const Reply& reply, std::string_view endpoint) {
  if (!IsError(*reply)) return {};
  return ReplyError(TextOf(*reply), Risk::kNone, endpoint);
}

void LearnScript(Connection& connection, Script script, const Reply& reply) {
  // A user who may not load scripts sends their text each time.
  if (IsText(*reply)) connection.Learn(script, std::string(TextOf(*reply)));
}

Status TakeReplies(const Greeting& greeting,
                   const Replies& got,
                   const RedisOptions& options,
                   Link& link) {
  const std::string& endpoint = link.connection->endpoint();
  if (greeting.auth) OS_RETURN_IF_ERROR(CheckReply(got.replies[*greeting.auth], endpoint));
  const redisReply& info = *got.replies[greeting.info];
  if (IsError(info) && !IsRefused(TextOf(info))) {
    return ReplyError(TextOf(info), Risk::kNone, endpoint);
  }
  if (!IsError(info)) TakeInfo(TextOf(info), link.facts);
  link.facts.appendfsync = SettingIn(*got.replies[greeting.appendfsync]);
  link.facts.no_fsync_on_rewrite = SettingIn(*got.replies[greeting.on_rewrite]);
  OS_RETURN_IF_ERROR(CheckServer(link.facts, options, endpoint));
  if (greeting.select) OS_RETURN_IF_ERROR(CheckReply(got.replies[*greeting.select], endpoint));
  // The server was not ready until the deadline.
  if (IsNotReady(TextOf(*got.replies[greeting.commit]))) {
    return CheckReply(got.replies[greeting.commit], endpoint);
  }
  LearnScript(*link.connection, Script::kCommit, got.replies[greeting.commit]);
  LearnScript(*link.connection, Script::kCompareAndSet, got.replies[greeting.compare]);
  link.durability = DurabilityOf(link.facts, options);
  return {};
}

}  // namespace

Result<std::unique_ptr<Link>> MakeLink(const RedisOptions& options, Deadline deadline) {
  auto link = std::make_unique<Link>();
  OS_ASSIGN_OR_RETURN(link->connection, Connection::Open(options, deadline));
  const Greeting greeting = MakeGreeting(options);
  const Replies got = link->connection->Run(greeting.commands, Risk::kNone, deadline);
  if (auto failed = FirstWords(got, link->connection->endpoint())) return *std::move(failed);
  OS_RETURN_IF_ERROR(TakeReplies(greeting, got, options, *link));
  return link;
}

Result<Reply> Ask(Link& link, Command command, Deadline deadline) {
  const std::vector<Command> commands = {std::move(command)};
  Replies got = link.connection->Run(commands, Risk::kNone, deadline);
  if (got.cut) return *std::move(got.cut);
  if (IsError(*got.replies.front())) {
    return ReplyError(TextOf(*got.replies.front()), Risk::kNone, link.connection->endpoint());
  }
  return std::move(got.replies.front());
}

}  // namespace offsetstore::redis
