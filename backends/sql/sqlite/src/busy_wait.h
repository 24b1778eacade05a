// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "sqlite_error.h"

namespace offsetstore::sql {

/// Calls `attempt` until it does not answer "busy" or the deadline has passed; returns its last
/// code. SQLite cannot wake a waiter, so this asks again after pauses that grow to a millisecond.
template <class Attempt>
[[nodiscard]] int WhileBusy(Deadline deadline, Attempt attempt) {
  auto pause = std::chrono::microseconds(50);
  for (;;) {
    const int code = attempt();
    if (!IsBusy(code) || deadline.Passed()) return code;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(1000));
  }
}

/// What a wait that ended at its deadline answers: names the process that holds the database where
/// the kernel knows it. Nothing was applied.
[[nodiscard]] Error BusyError(sqlite3* db);

}  // namespace offsetstore::sql
