// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "internal/macros.h"
#include "sigpipe_guard.h"
#include "socket.h"
#include "tls.h"

namespace offsetstore::redis {
namespace {

/// hiredis moves what is left of its buffer after each write: it gets the request in pieces.
constexpr std::size_t kPiece = std::size_t{256} << 10U;

/// How long to leave a server alone that is not ready.
constexpr Duration kPause{20};

bool MustRepeat(const redisReply& reply) {
  return IsError(reply) && (IsNotReady(TextOf(reply)) || IsUnknownScript(TextOf(reply)));
}

/// The last command too, where it speaks of one that is run again.
void AddFollowing(std::span<const Command> commands, std::vector<std::size_t>& places) {
  const std::size_t last = commands.size() - 1;
  if (places.empty() || places.back() == last || !commands[last].follows()) return;
  places.push_back(last);
}

bool IsAnyNotReady(std::span<const std::size_t> places, const std::vector<Reply>& replies) {
  return std::any_of(places.begin(), places.end(), [&](std::size_t place) {
    return IsNotReady(TextOf(*replies[place]));
  });
}

}  // namespace

std::string EndpointOf(const RedisOptions& options) {
  const std::string where = options.socket.empty()
                                ? Printable(options.host) + ':' + std::to_string(options.port)
                                : Printable(options.socket.string());
  return where + '/' + std::to_string(options.database);
}

Result<std::unique_ptr<Connection>> Connection::Open(const RedisOptions& options,
                                                     Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckTls(options));
  OS_ASSIGN_OR_RETURN(const int descriptor, ConnectSocket(options, deadline));
  Context context(redisConnectFd(descriptor));
  if (context == nullptr || context->err != 0) {
    ::close(descriptor);
    return MakeError(ErrorCode::kUnavailable, "hiredis makes no connection: out of memory");
  }
  context->flags &= ~REDIS_BLOCK;
  OS_RETURN_IF_ERROR(StartTls(*context, options, deadline));
  return std::unique_ptr<Connection>(new Connection(std::move(context), options));
}

void Connection::Learn(Script script, std::string sha) {
  shas_.at(static_cast<std::size_t>(script)) = std::move(sha);
}

bool Connection::IsStale() const {
  if (broken_) return true;
  pollfd now{.fd = context_->fd, .events = POLLIN, .revents = 0};
  return ::poll(&now, 1, 0) != 0;
}

Replies Connection::Run(std::span<const Command> commands, Risk risk, Deadline deadline) {
  Replies result;
  result.replies.resize(commands.size());
  std::vector<std::size_t> places(commands.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  while (!places.empty()) {
    std::string wire;
    for (const std::size_t place : places) {
      const Command& command = commands[place];
      command.AppendTo(wire, shas_.at(static_cast<std::size_t>(command.script())));
      // What this round cuts off has no reply, whatever the last one said.
      result.replies[place].reset();
    }
    result.cut = Exchange(wire, places, result.replies, risk, deadline);
    if (result.cut) return result;
    std::erase_if(places, [&](std::size_t at) { return !MustRepeat(*result.replies[at]); });
    for (const std::size_t place : places) {
      if (IsUnknownScript(TextOf(*result.replies[place]))) Learn(commands[place].script(), {});
    }
    const bool pause = IsAnyNotReady(places, result.replies);
    AddFollowing(commands, places);
    if (!pause) continue;
    if (deadline.Remaining() <= kPause) return result;  // its own words say why
    ::poll(nullptr, 0, static_cast<int>(kPause.count()));
  }
  return result;
}

Error Connection::Fail(Cut cut, Risk risk) {
  broken_ = true;
  const Risk real = sent_ ? risk : Risk::kNone;
  return CutError(cut, real, endpoint_, std::string_view(context_->errstr));
}

/// Hands hiredis the next piece of `wire` and lets it write; false: the connection failed.
bool Connection::WriteSome(const std::string& wire, std::size_t& handed) {
  if (sdslen(context_->obuf) == 0 && handed < wire.size()) {
    const std::size_t piece = std::min(kPiece, wire.size() - handed);
    if (redisAppendFormattedCommand(context_.get(), wire.data() + handed, piece) != REDIS_OK) {
      return false;
    }
    handed += piece;
  }
  const std::size_t before = sdslen(context_->obuf);
  if (before == 0) return true;
  int done = 0;
  const SigpipeGuard guard;
  const int wrote = redisBufferWrite(context_.get(), &done);
  // Below TLS a part may have gone out even where the call failed.
  sent_ = sent_ || tls_ || sdslen(context_->obuf) != before;
  return wrote == REDIS_OK;
}

/// Puts the replies that are whole where they belong; false: what came is none.
bool Connection::TakeReplies(std::span<const std::size_t> places,
                             std::vector<Reply>& replies,
                             std::size_t& received) {
  while (received < places.size()) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) return false;
    if (reply == nullptr) return true;
    replies[places[received++]] = Reply(static_cast<redisReply*>(reply));
  }
  return true;
}

std::optional<Error> Connection::Exchange(const std::string& wire,
                                          std::span<const std::size_t> places,
                                          std::vector<Reply>& replies,
                                          Risk risk,
                                          Deadline deadline) {
  sent_ = false;
  std::size_t handed = 0;
  std::size_t received = 0;
  while (received < places.size()) {
    if (!WriteSome(wire, handed)) return Fail(Cut::kClosed, risk);
    const bool all_out = handed == wire.size() && sdslen(context_->obuf) == 0;
    const auto events = static_cast<short>(all_out ? POLLIN : POLLIN | POLLOUT);
    if (!WaitFor(context_->fd, events, deadline)) return Fail(Cut::kDeadline, risk);
    if (redisBufferRead(context_.get()) != REDIS_OK) {
      return Fail(context_->err == REDIS_ERR_PROTOCOL ? Cut::kProtocol : Cut::kClosed, risk);
    }
    if (!TakeReplies(places, replies, received)) return Fail(Cut::kProtocol, risk);
  }
  return std::nullopt;
}

}  // namespace offsetstore::redis
