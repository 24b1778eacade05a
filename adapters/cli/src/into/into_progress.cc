// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/into_progress.h"

#include <optional>
#include <string>

#include "console.h"

namespace offsetstore::cli {
namespace {

constexpr std::chrono::seconds kEvery{1};

/// None until each partition knows its own.
std::optional<std::int64_t> LagOf(const ConsumerState& state) {
  if (state.partitions.empty()) return std::nullopt;
  std::int64_t lag = 0;
  for (const ConsumerState::Partition& partition : state.partitions) {
    if (!partition.lag) return std::nullopt;
    lag += *partition.lag;
  }
  return lag;
}

}  // namespace

void IntoProgress::Show(std::uint64_t records, const ConsumerState& state) {
  const Clock::time_point now = Clock::now();
  if (now - since_ < kEvery) return;
  const double seconds = std::chrono::duration<double>(now - since_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(records - before_) / seconds);
  const std::optional<std::int64_t> lag = LagOf(state);
  ShowStatus(std::to_string(records) + " records, " + std::to_string(rate) + "/s, lag " +
             (lag ? std::to_string(*lag) : std::string("unknown")) +
             (state.store_up ? "" : ", store down"));
  since_ = now;
  before_ = records;
}

}  // namespace offsetstore::cli
