// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/run.h"

#include <array>

namespace offsetstore::migration {
namespace {

// In the order of the declarations.
constexpr std::array<std::string_view, 7> kNames = {
    "written", "already-there", "kept", "refused", "failed", "in-doubt", "mismatch"};
static_assert(kNames.size() == static_cast<std::size_t>(Done::kMismatch) + 1);

std::uint64_t& CounterOf(Totals& totals, Done done) {
  switch (done) {
    case Done::kWritten:
      return totals.written;
    case Done::kAlreadyThere:
      return totals.already_there;
    case Done::kKept:
      return totals.kept;
    case Done::kRefused:
      return totals.refused;
    case Done::kFailed:
      return totals.failed;
    case Done::kInDoubt:
      return totals.in_doubt;
    case Done::kMismatch:
      break;
  }
  return totals.mismatched;
}

}  // namespace

std::string_view ToString(Done done) noexcept {
  return kNames.at(static_cast<std::size_t>(done));
}

void Totals::Count(const GroupRun& run) {
  ++groups;
  if (run.plan.error) ++unread;
  for (const StepResult& result : run.results) ++CounterOf(*this, result.done);
}

}  // namespace offsetstore::migration
