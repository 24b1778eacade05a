// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/plan.h"

#include <array>
#include <cstddef>

namespace offsetstore::migration {
namespace {

// In the order of the declarations.
constexpr std::array<std::string_view, 4> kActions = {"write", "remove", "keep", "refuse"};
constexpr std::array<std::string_view, 20> kReasons = {
    "new",
    "ahead",
    "behind",
    "equal",
    "source-absent",
    "source-unreadable",
    "target-unreadable",
    "target-has-one",
    "live-source",
    "live-target",
    "held",
    "too-old",
    "too-new",
    "no-such-topic",
    "no-such-partition",
    "log-unknown",
    "below-log",
    "above-log",
    "target-cannot-hold-it",
    "moved",
};
static_assert(kReasons.size() == static_cast<std::size_t>(Reason::kMoved) + 1);

}  // namespace

std::string_view ToString(Action action) noexcept {
  return kActions.at(static_cast<std::size_t>(action));
}

std::string_view ToString(Reason reason) noexcept {
  return kReasons.at(static_cast<std::size_t>(reason));
}

}  // namespace offsetstore::migration
