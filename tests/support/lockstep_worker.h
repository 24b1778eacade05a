// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// For tests of a server that dies, over any store with claims. List lockstep_worker.cc among the
// sources of the test, and link offsetstore::contract.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "offsetstore/testing/test_group.h"
#include "own_server.h"

namespace offsetstore::testing {

/// How long a worker may take to go on, from the moment the server is up again.
inline constexpr std::chrono::seconds kRecovery{20};

/// Claims a few partitions and moves them together, record by record, on a thread of its own. What
/// is in doubt it settles as the session does.
class LockstepWorker {
 public:
  explicit LockstepWorker(std::unique_ptr<OffsetStore> store);
  LockstepWorker(const LockstepWorker&) = delete;
  LockstepWorker& operator=(const LockstepWorker&) = delete;
  ~LockstepWorker();

  /// The position of all of them, as far as the store said so.
  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  /// How often the store showed what it must not, or the worker could not go on.
  [[nodiscard]] int wrong() const { return wrong_; }
  /// How many commits were in doubt.
  [[nodiscard]] int settled() const { return settled_; }
  /// The same group seen through another store; the least position of the partitions.
  [[nodiscard]] static std::int64_t LeastIn(OffsetStore& store);

 private:
  void Run() noexcept;
  void Work();
  /// A claim on the own claim of each; all tell the same position, none below what was said.
  void Settle(std::vector<Move>& moves);
  /// False: somebody else holds it, or the worker ends.
  bool ClaimAgain(Move& move);
  void Compare(std::int64_t stored);

  std::unique_ptr<OffsetStore> store_;
  std::atomic<std::int64_t> acknowledged_ = 0;
  std::atomic<int> wrong_ = 0;
  std::atomic<int> settled_ = 0;
  std::atomic<bool> ending_ = false;
  std::future<void> running_;  // last: it uses all of the above
};

/// Kills the server so many times under such a worker, on a store that `open` opens, and starts it
/// again: every commit that was acknowledged is there, and the worker goes on.
void CheckServerKills(OwnServer& server,
                      int kills,
                      const std::function<std::unique_ptr<OffsetStore>()>& open);

}  // namespace offsetstore::testing
