// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "link.h"
#include "offsetstore/backends/redis.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// Up to `options.connections` links, made when they are needed. A broken one is dropped, and the
/// next call makes a new one with all that belongs to it. Any thread.
class Pool {
 public:
  /// Gives its link back at the end of a scope.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Link> link) noexcept : pool_(&pool), link_(std::move(link)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (link_ != nullptr) pool_->GiveBack(std::move(link_));
    }
    Link* operator->() const noexcept { return link_.get(); }
    Link& operator*() const noexcept { return *link_; }

   private:
    Pool* pool_;
    std::unique_ptr<Link> link_;
  };

  explicit Pool(RedisOptions options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() = default;

  /// A link that nobody else uses. Nothing was sent where it fails: `Unavailable` (also after
  /// `Close`), `DeadlineExceeded`, `Unsupported` in the child of a fork, or as `MakeLink`.
  [[nodiscard]] Result<Lease> Take(Deadline deadline);

  /// Drops all links; `Take` fails from now on. Says whether it was open.
  bool Close() noexcept;

 private:
  /// An idle link, or null and a place for a new one. `mutex_` is held.
  [[nodiscard]] Result<std::unique_ptr<Link>> TakeIdle(std::unique_lock<std::mutex>& lock,
                                                       Deadline deadline);
  void GiveBack(std::unique_ptr<Link> link) noexcept;
  void FreePlace() noexcept;

  const RedisOptions options_;
  const pid_t pid_;
  std::mutex mutex_;  // guards what follows; never held while waiting for the server
  std::condition_variable free_;
  std::vector<std::unique_ptr<Link>> idle_;
  std::size_t made_ = 0;  // idle, lent out, or being made
  bool closed_ = false;
};

}  // namespace offsetstore::redis
