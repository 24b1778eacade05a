// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rule C47: every order in which the steps of two owners can meet, against a model of the rules.
#include "gates.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace offsetstore::testing::cases {

namespace {

enum class Step { kClaim, kCommit, kRelease };

/// One owner as the model sees it: its claim, and the position it goes on from.
struct ModelOwner {
  std::size_t next_step = 0;
  ClaimToken token;
  std::int64_t position = 0;
};

/// One partition, the two owners of it, and what the store must say.
struct Run {
  std::string order;  ///< Whose step it is: `0` or `1`.
  TopicPartition at;
  std::array<ModelOwner, 2> owners;
  std::optional<std::size_t> newest;  ///< Whose claim is the newest.
  bool released = false;
  std::int64_t stored = 0;
};

/// Every order of `steps` steps of each of two owners.
std::vector<std::string> AllOrders(std::size_t steps) {
  std::vector<std::string> orders = {""};
  for (std::size_t length = 0; length < 2 * steps; ++length) {
    std::vector<std::string> longer;
    for (const auto& order : orders) {
      for (const char owner : {'0', '1'}) {
        const auto taken = static_cast<std::size_t>(std::count(order.begin(), order.end(), owner));
        if (taken < steps) longer.push_back(order + owner);
      }
    }
    orders = std::move(longer);
  }
  return orders;
}

/// All runs take their steps together, one call for each owner and kind of step.
class Interleavings {
 public:
  Interleavings(TestGroup group, std::vector<Run> runs, std::vector<Step> steps)
      : group_(std::move(group)), runs_(std::move(runs)), steps_(std::move(steps)) {}

  void Play() {
    for (std::size_t at = 0; at < runs_.front().order.size(); ++at) {
      // Sorted before the first is taken, so that each run takes one step.
      std::map<std::pair<std::size_t, Step>, std::vector<Run*>> turns;
      for (Run& run : runs_) {
        const std::size_t owner = run.order[at] == '0' ? 0 : 1;
        turns[{owner, steps_.at(run.owners.at(owner).next_step++)}].push_back(&run);
      }
      for (const auto& [who_and_what, turn] : turns) {
        Take(who_and_what.first, who_and_what.second, turn);
      }
    }
  }

  /// Whether all that was accepted, and nothing else, is stored.
  void CheckEnd() const {
    for (const Run& run : runs_) {
      CAPTURE(run.order);
      CHECK(group_.PositionOf(run.at).value_or(0) == run.stored);
    }
  }

 private:
  [[nodiscard]] static bool Holds(const Run& run, std::size_t owner) {
    return run.newest == owner && !run.released;
  }

  void Take(std::size_t owner, Step step, const std::vector<Run*>& turn) {
    if (step == Step::kClaim) Claim(turn, owner);
    if (step == Step::kCommit) Commit(turn, owner);
    if (step == Step::kRelease) Release(turn, owner);
  }

  void Claim(const std::vector<Run*>& turn, std::size_t owner) {
    std::vector<ClaimRequest> requests;
    requests.reserve(turn.size());
    for (const Run* run : turn) requests.push_back(Request(run->at));
    const auto results = group_.ClaimAll(requests, Member("owner-" + std::to_string(owner)));
    for (std::size_t i = 0; i < turn.size(); ++i) {
      Run& run = *turn[i];
      CAPTURE(run.order);
      CHECK(results[i] == OutcomeCode::kApplied);
      CHECK(PositionIn(results[i].slot).value_or(0) == run.stored);
      run.owners[owner].token = results[i].token;
      run.owners[owner].position = run.stored;
      run.newest = owner;
      run.released = false;
    }
  }

  void Commit(const std::vector<Run*>& turn, std::size_t owner) {
    std::vector<Move> moves;
    for (const Run* run : turn) {
      const ModelOwner& mine = run->owners[owner];
      moves.push_back(Advance(run->at, mine.position + 1, mine.token));
    }
    const auto answers = group_.CommitAll(moves);
    for (std::size_t i = 0; i < turn.size(); ++i) {
      Run& run = *turn[i];
      CAPTURE(run.order);
      if (Holds(run, owner)) {
        CHECK(answers[i] == OutcomeCode::kApplied);
        run.stored = ++run.owners[owner].position;
      } else {
        CheckFenced(run, answers[i]);
      }
    }
  }

  void Release(const std::vector<Run*>& turn, std::size_t owner) {
    for (Run* run : turn) {
      CAPTURE(run->order);
      const Answer answer = group_.Release(run->at, run->owners[owner].token);
      if (Holds(*run, owner)) {
        CHECK(answer == OutcomeCode::kApplied);
        run->released = true;
      } else {
        CheckFenced(*run, answer);
      }
    }
  }

  static void CheckFenced(const Run& run, const Answer& answer) {
    CHECK(answer == OutcomeCode::kFenced);
    REQUIRE(answer.holder.has_value());
    CHECK(answer.holder->token == run.owners[*run.newest].token);
    CHECK(answer.holder->released == run.released);
  }

  TestGroup group_;
  std::vector<Run> runs_;
  std::vector<Step> steps_;
};

/// Plays every order of these steps of two owners, each order on a partition of its own.
void PlaysAllOrders(Subject& subject, const std::vector<Step>& steps) {
  if (!Fences(subject)) return;
  const auto orders = AllOrders(steps.size());
  const auto at = subject.Partitions(static_cast<int>(orders.size()));
  std::vector<Run> runs;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    Run run;
    run.order = orders[i];
    run.at = at[i];
    runs.push_back(run);
  }
  Interleavings interleavings(subject.Group("orders"), std::move(runs), steps);
  interleavings.Play();
  interleavings.CheckEnd();
}

}  // namespace

void C47Commits(Subject& subject) {
  PlaysAllOrders(subject, {Step::kClaim, Step::kCommit, Step::kCommit, Step::kCommit});
}

void C47Releases(Subject& subject) {
  PlaysAllOrders(subject, {Step::kClaim, Step::kCommit, Step::kRelease, Step::kCommit});
}

}  // namespace offsetstore::testing::cases
