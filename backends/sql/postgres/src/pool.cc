// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include <utility>

namespace offsetstore::postgres {

Result<Pool::Lease> Pool::Borrow(Deadline deadline) {
  {
    std::unique_lock lock(mutex_);
    const bool mine =
        free_.wait_until(lock, deadline.time(), [this] { return closed_ || in_use_ < size_; });
    if (closed_) return MakeError(ErrorCode::kUnavailable, "the store is closed");
    if (!mine) {
      return MakeError(ErrorCode::kDeadlineExceeded,
                       "other threads used all " + std::to_string(size_) +
                           " connections until the deadline; see pool=");
    }
    ++in_use_;
  }
  while (std::unique_ptr<Connection> connection = TakeIdle()) {
    // The server, or something on the way, may have ended it while it was idle.
    if (connection->IsReusable()) return Lease(*this, std::move(connection));
  }
  Result<std::unique_ptr<Connection>> opened = Connection::Open(servers_, deadline);
  if (opened) return Lease(*this, *std::move(opened));
  Forget();
  return std::move(opened).error();
}

std::unique_ptr<Connection> Pool::TakeIdle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  if (!connection->IsReusable()) connection.reset();
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (connection != nullptr && !closed_) idle_.push_back(std::move(connection));
  }
  free_.notify_one();
}

void Pool::Forget() {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
  }
  free_.notify_one();
}

void Pool::Close() {
  std::vector<std::unique_ptr<Connection>> closing;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closing.swap(idle_);
  }
  free_.notify_all();
}

void Pool::Abandon() noexcept {
  for (std::unique_ptr<Connection>& connection : idle_) static_cast<void>(connection.release());
  idle_.clear();
}

}  // namespace offsetstore::postgres
