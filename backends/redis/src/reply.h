// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace offsetstore::redis {

struct ReplyFree {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyFree>;

[[nodiscard]] inline bool IsError(const redisReply& reply) noexcept {
  return reply.type == REDIS_REPLY_ERROR;
}
[[nodiscard]] inline bool IsNil(const redisReply& reply) noexcept {
  return reply.type == REDIS_REPLY_NIL;
}
[[nodiscard]] inline bool IsText(const redisReply& reply) noexcept {
  return reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS;
}
[[nodiscard]] inline bool IsInteger(const redisReply& reply, std::int64_t value) noexcept {
  return reply.type == REDIS_REPLY_INTEGER && reply.integer == value;
}
/// The bytes of a string, a status or an error.
[[nodiscard]] inline std::string_view TextOf(const redisReply& reply) noexcept {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}
/// The elements of an array; none of any other reply.
[[nodiscard]] inline std::span<redisReply* const> ElementsOf(const redisReply& reply) noexcept {
  if (reply.type != REDIS_REPLY_ARRAY) return {};
  return {reply.element, reply.elements};
}

}  // namespace offsetstore::redis
