// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/history.h"

#include <algorithm>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

std::string Show(const AppliedCommit& commit) {
  return std::to_string(commit.from) + " to " + std::to_string(commit.to) + " under claim " +
         std::to_string(commit.counter);
}

/// Commits up to `steps` times under one claim; appends what was acknowledged.
void CommitUntilFenced(const TestGroup& group,
                       const ClaimResult& claim,
                       int steps,
                       const Owner& by,
                       std::vector<AppliedCommit>& applied) {
  std::int64_t position = PositionIn(claim.slot).value_or(0);
  for (int step = 0; step < steps; ++step) {
    const Answer answer = group.Commit(Advance(claim.outcome.at, position + 1, claim.token), by);
    if (answer == OutcomeCode::kFenced) return;
    if (answer.code != OutcomeCode::kApplied) throw std::runtime_error(Describe(answer));
    applied.push_back({claim.token.counter, position, position + 1});
    ++position;
  }
}

}  // namespace

std::string Violation(std::vector<AppliedCommit> commits, std::int64_t last) {
  std::sort(commits.begin(), commits.end(), [](const auto& a, const auto& b) {
    return a.to != b.to ? a.to < b.to : a.counter < b.counter;
  });
  AppliedCommit before;
  for (const AppliedCommit& commit : commits) {
    if (commit.to == before.to) return "twice: " + Show(before) + " and " + Show(commit);
    if (commit.from != before.to) return "a hole before " + Show(commit);
    if (commit.counter < before.counter) return "an old claim: " + Show(commit);
    before = commit;
  }
  if (before.to == last) return "";
  return "acknowledged up to " + std::to_string(before.to) + ", stored " + std::to_string(last);
}

std::vector<AppliedCommit> Fight(
    const TestGroup& group, const TopicPartition& at, int rounds, int steps, const Owner& by) {
  std::vector<AppliedCommit> applied;
  for (int round = 0; round < rounds; ++round) {
    const ClaimResult claim = group.Claim(at, Any{}, by);
    if (!claim.outcome.Ok()) throw std::runtime_error(Describe(claim.outcome));
    CommitUntilFenced(group, claim, steps, by, applied);
  }
  return applied;
}

}  // namespace offsetstore::testing
