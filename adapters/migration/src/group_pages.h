// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/selection.h"

namespace offsetstore::migration {

/// Hands the groups of `scope` to `take`, at most `pace.batch` at a time, in order.
[[nodiscard]] Result<GroupCount> ForEachBatch(
    OffsetStore& source,
    const Scope& scope,
    const Pace& pace,
    const std::function<Status(std::span<const std::string>)>& take);

/// Not more than `pace.groups_per_second`, and `Unavailable` once `pace.stop` asks for it.
class Pacer {
 public:
  explicit Pacer(const Pace& pace) : pace_(pace), next_(Deadline::Clock::now()) {}
  /// Returns when `groups` more may be begun.
  [[nodiscard]] Status Wait(std::size_t groups);

 private:
  const Pace& pace_;
  Deadline::Clock::time_point next_;
};

/// Returns when `wait` is over, or at once with `Unavailable` when `stop` asks for it.
[[nodiscard]] Status WaitUnlessStopped(Deadline until, const std::stop_token& stop);

}  // namespace offsetstore::migration
