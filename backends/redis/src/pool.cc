// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include <unistd.h>

#include "internal/macros.h"

namespace offsetstore::redis {

Pool::Pool(RedisOptions options) : options_(std::move(options)), pid_(::getpid()) {
  idle_.reserve(options_.connections);
}

Result<std::unique_ptr<Link>> Pool::TakeIdle(std::unique_lock<std::mutex>& lock,
                                             Deadline deadline) {
  const bool in_time = free_.wait_until(lock, deadline.time(), [this] {
    return closed_ || !idle_.empty() || made_ < options_.connections;
  });
  if (closed_) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  if (!in_time) {
    return MakeError(ErrorCode::kDeadlineExceeded,
                     "other threads kept all " + std::to_string(options_.connections) +
                         " connections busy until the deadline (connections=)");
  }
  while (!idle_.empty()) {
    std::unique_ptr<Link> link = std::move(idle_.back());
    idle_.pop_back();
    // What the server closed while it was idle must not cost a write that is then in doubt.
    if (!link->connection->IsStale()) return link;
    --made_;
  }
  ++made_;
  return std::unique_ptr<Link>();
}

Result<Pool::Lease> Pool::Take(Deadline deadline) {
  if (::getpid() != pid_) {
    return MakeError(ErrorCode::kUnsupported,
                     "the store was opened before fork() and cannot be used in the child, which "
                     "would read its parent's replies; open it after fork()");
  }
  {
    std::unique_lock lock(mutex_);
    OS_ASSIGN_OR_RETURN(std::unique_ptr<Link> idle, TakeIdle(lock, deadline));
    if (idle != nullptr) return Lease(*this, std::move(idle));
  }
  auto made = MakeLink(options_, deadline);
  if (made) return Lease(*this, *std::move(made));
  FreePlace();
  return std::move(made).error();
}

void Pool::FreePlace() noexcept {
  {
    const std::lock_guard lock(mutex_);
    --made_;
  }
  free_.notify_one();
}

void Pool::GiveBack(std::unique_ptr<Link> link) noexcept {
  if (link->connection->IsBroken()) {
    link.reset();
    FreePlace();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(link));  // room was reserved
  }
  free_.notify_one();
}

bool Pool::Close() noexcept {
  std::vector<std::unique_ptr<Link>> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    closed_ = true;
    dropped.swap(idle_);
  }
  free_.notify_all();
  return true;
}

}  // namespace offsetstore::redis
