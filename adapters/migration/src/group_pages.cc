// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_pages.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

Status TakeInBatches(std::span<const std::string> groups,
                     std::size_t batch,
                     const std::function<Status(std::span<const std::string>)>& take) {
  while (!groups.empty()) {
    const auto now = groups.first(std::min(batch, groups.size()));
    OS_RETURN_IF_ERROR(take(now));
    groups = groups.subspan(now.size());
  }
  return {};
}

}  // namespace

Status ForEachBatch(OffsetStore& source,
                    const Scope& scope,
                    const Pace& pace,
                    const std::function<Status(std::span<const std::string>)>& take) {
  if (!scope.groups.empty()) return TakeInBatches(scope.groups, pace.batch, take);
  PageRequest request;
  std::vector<std::string> wanted;
  while (true) {
    OS_ASSIGN_OR_RETURN(GroupPage page, source.ListGroups(request, Deadline::After(pace.timeout)));
    for (std::string& group : page.groups) {
      if (!scope.group || scope.group(group)) wanted.push_back(std::move(group));
    }
    // Full batches only, so that few matches among many groups make few round trips.
    const std::size_t whole =
        page.last ? wanted.size() : wanted.size() - wanted.size() % pace.batch;
    OS_RETURN_IF_ERROR(TakeInBatches(std::span(wanted).first(whole), pace.batch, take));
    wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(whole));
    if (page.last) return {};
    request.after = std::move(page.next);
  }
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
