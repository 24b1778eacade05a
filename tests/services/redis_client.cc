// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "redis_client.h"

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

struct ReplyFree {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyFree>;

std::string WordOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.str == nullptr) return "(nil)";
  return {reply.str, reply.len};
}

Reply Ask(redisContext* context, std::initializer_list<std::string_view> words) {
  std::vector<const char*> values;
  std::vector<std::size_t> lengths;
  for (const std::string_view word : words) {
    values.push_back(word.data());
    lengths.push_back(word.size());
  }
  Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context, static_cast<int>(values.size()), values.data(), lengths.data())));
  if (reply == nullptr) throw std::runtime_error(context->errstr);
  return reply;
}

}  // namespace

std::string RedisUri() {
  const char* uri = std::getenv("OFFSETSTORE_TEST_REDIS");
  if (uri != nullptr && *uri != '\0') return uri;
  std::fputs(
      "SKIPPED: no Redis. Start one: tests/services/redis.sh start DIR, and set what it prints.\n",
      stderr);
  std::_Exit(77);
}

int RedisPid() {
  const char* pid = std::getenv("OFFSETSTORE_TEST_REDIS_PID");
  if (pid == nullptr) throw std::runtime_error("OFFSETSTORE_TEST_REDIS_PID is not set");
  return std::stoi(pid);
}

void RedisClient::Free::operator()(redisContext* context) const noexcept {
  redisFree(context);
}

RedisClient::RedisClient(std::uint16_t port)
    : context_(redisConnectWithTimeout("127.0.0.1", port, timeval{20, 0})) {
  if (context_ == nullptr || context_->err != 0) throw std::runtime_error("no Redis at the port");
  redisSetTimeout(context_.get(), timeval{20, 0});
}

RedisClient::~RedisClient() = default;

std::vector<std::string> RedisClient::Do(std::initializer_list<std::string_view> words) {
  const Reply reply = Ask(context_.get(), words);
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(WordOf(*reply));
  if (reply->type != REDIS_REPLY_ARRAY) return {WordOf(*reply)};
  std::vector<std::string> result;
  for (std::size_t i = 0; i < reply->elements; ++i) result.push_back(WordOf(*reply->element[i]));
  return result;
}

std::string RedisClient::One(std::initializer_list<std::string_view> words) {
  const auto result = Do(words);
  if (result.size() != 1) throw std::runtime_error("a reply of several words");
  return result.front();
}

std::string RedisClient::ErrorOf(std::initializer_list<std::string_view> words) {
  const Reply reply = Ask(context_.get(), words);
  return reply->type == REDIS_REPLY_ERROR ? WordOf(*reply) : std::string();
}

}  // namespace offsetstore::testing
