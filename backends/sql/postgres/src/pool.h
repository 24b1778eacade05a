// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.h"
#include "conninfo.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::postgres {

/// The connections of a store: made when they are needed, kept while they work, at most a stated
/// number at a time. Threads: any.
class Pool {
 public:
  /// Gives a connection back at the end of a scope; one that is not fit for another call is closed.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) noexcept
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_ != nullptr) pool_->Return(std::move(connection_));
    }
    [[nodiscard]] Connection& operator*() const noexcept { return *connection_; }
    [[nodiscard]] Connection* operator->() const noexcept { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Pool(std::vector<Server> servers, std::size_t size) noexcept
      : servers_(std::move(servers)), size_(size) {}

  /// One that is idle, else a new one, else waits. Errors: `DeadlineExceeded` (all are in use), and
  /// what `Connection::Open` says.
  [[nodiscard]] Result<Lease> Borrow(Deadline deadline);

  /// Closes what is idle; later calls are `Unavailable`.
  void Close();

  /// Leaves every connection as it is, for the child of a fork: to close one would end the session
  /// of the parent.
  void Abandon() noexcept;

 private:
  [[nodiscard]] std::unique_ptr<Connection> TakeIdle();
  void Return(std::unique_ptr<Connection> connection);
  void Forget();

  const std::vector<Server> servers_;
  const std::size_t size_;
  std::mutex mutex_;  // guards all below; never held while talking to a server
  std::condition_variable free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t in_use_ = 0;
  bool closed_ = false;
};

}  // namespace offsetstore::postgres
