// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_pages.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {

Result<GroupCount> ForEachBatch(OffsetStore& source,
                                const Scope& scope,
                                const Pace& pace,
                                const std::function<Status(std::span<const std::string>)>& take) {
  std::vector<std::string> batch;
  std::uint64_t matched = 0;
  const auto add = [&](const std::string& group) -> Status {
    if (scope.group && !scope.group(group)) return {};
    ++matched;
    batch.push_back(group);
    if (batch.size() < pace.Taken()) return {};
    return take(std::exchange(batch, {}));
  };
  OS_ASSIGN_OR_RETURN(const GroupCount all, ForEachGroup(source, {}, pace.timeout, add));
  if (!batch.empty()) OS_RETURN_IF_ERROR(take(batch));
  return GroupCount{all.listed, matched};
}

Status Pacer::Wait(std::size_t groups) {
  if (pace_.groups_per_second <= 0) {
    return WaitUnlessStopped(Deadline::At(Deadline::Clock::now()), pace_.stop);
  }
  OS_RETURN_IF_ERROR(WaitUnlessStopped(Deadline::At(next_), pace_.stop));
  const std::chrono::duration<double> takes(static_cast<double>(groups) / pace_.groups_per_second);
  next_ = std::max(next_, Deadline::Clock::now()) +
          std::chrono::duration_cast<Deadline::Clock::duration>(takes);
  return {};
}

Status WaitUnlessStopped(Deadline until, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_until(lock, stop, until.time(), [] { return false; });
  if (!stop.stop_requested()) return {};
  return MakeError(ErrorCode::kUnavailable, "stopped as asked for");
}

}  // namespace offsetstore::migration
