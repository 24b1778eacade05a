// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "offsetstore/testing/test_group.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// A commit that a store acknowledged, and the claim it was made under.
struct AppliedCommit {
  std::uint64_t counter = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// What breaks the single-writer rule in what several owners of one partition were acknowledged,
/// where each commit moved on by one from what its owner read; empty: nothing does. They must form
/// one chain from 0 to `last`, with no step twice and under claims that only grow.
[[nodiscard]] std::string Violation(std::vector<AppliedCommit> commits, std::int64_t last);

/// Claims the partition `rounds` times, whoever holds it, and after each claim commits up to
/// `steps` times, one further each, until fenced. Returns what was acknowledged. Throws on any
/// other outcome.
[[nodiscard]] std::vector<AppliedCommit> Fight(
    const TestGroup& group, const TopicPartition& at, int rounds, int steps, const Owner& by);

}  // namespace testing
}  // namespace offsetstore
