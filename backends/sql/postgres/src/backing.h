// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "connection.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "pool.h"
#include "postgres_error.h"
#include "statements.h"

namespace offsetstore::postgres {

/// What all calls of a store share. Threads: any.
struct Backing {
  Pool pool;
  const Statements statements;
  const std::string space;
  std::atomic<bool> prepare;  ///< Turned off where it proves not to work.
};

/// Waits a little, and by chance, so that transactions that were in each other's way do not meet
/// again.
void PauseBeforeRedo(int attempt, Deadline deadline);

/// Runs `attempt` on a connection of the pool; again while transactions are in each other's way.
template <class Attempt>
[[nodiscard]] auto OnConnection(Backing& backing, Deadline deadline, Attempt attempt)
    -> decltype(attempt(std::declval<Connection&>())) {
  for (int redone = 0;; ++redone) {
    auto result = [&]() -> decltype(attempt(std::declval<Connection&>())) {
      auto lease = backing.pool.Borrow(deadline);
      if (!lease) return std::move(lease).error();
      return attempt(**lease);
    }();
    if (result || !ShouldRedo(result.error()) || deadline.Passed()) return result;
    if (IsLostStatement(result.error())) backing.prepare = false;
    PauseBeforeRedo(redone, deadline);
  }
}

}  // namespace offsetstore::postgres
