// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stop_token>
#include <vector>

#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// The two stores of a migration, and what is known beside them. All borrowed.
///
/// A side may have several handles of one store: groups are spread over them, since a broker
/// answers one request of a connection at a time.
struct Sides {
  std::vector<OffsetStore*> source;    ///< At least one.
  std::vector<OffsetStore*> target;    ///< At least one.
  GroupWatch* source_watch = nullptr;  ///< Null: nothing but claims tells who is at work.
  GroupWatch* target_watch = nullptr;
  LogView* logs = nullptr;  ///< Of the target's cluster; null: not looked at.

  [[nodiscard]] OffsetStore& Source(std::size_t worker) const {
    return *source[worker % source.size()];
  }
  [[nodiscard]] OffsetStore& Target(std::size_t worker) const {
    return *target[worker % target.size()];
  }
};

/// How work on many groups is done.
struct Pace {
  std::size_t parallel = 8;                     ///< Groups at a time.
  std::size_t batch = 128;                      ///< Groups in memory, and per sync of the journal.
  double groups_per_second = 0;                 ///< At most; 0: as fast as it goes.
  Duration timeout = std::chrono::seconds(10);  ///< Of each call.
  std::stop_token stop;                         ///< The batch in hand is finished first.

  /// How many groups are taken at a time: no more than may be in a tenth of a second.
  [[nodiscard]] std::size_t Taken() const {
    if (groups_per_second <= 0) return batch;
    return std::clamp<std::size_t>(static_cast<std::size_t>(groups_per_second / 10), 1, batch);
  }
};

}  // namespace offsetstore::migration
