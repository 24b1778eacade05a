// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/store.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace offsetstore {
namespace {

TEST_CASE("every outcome and every durability has a name of its own") {
  std::set<std::string_view> outcomes;
  for (int code = 0; code <= static_cast<int>(OutcomeCode::kFailed); ++code) {
    outcomes.insert(ToString(static_cast<OutcomeCode>(code)));
  }
  CHECK(outcomes.size() == static_cast<std::size_t>(OutcomeCode::kFailed) + 1);
  CHECK(std::string(ToString(OutcomeCode::kAlreadyApplied)) == "already_applied");
  std::set<std::string_view> levels;
  for (int level = 0; level <= static_cast<int>(Durability::kReplicaLoss); ++level) {
    levels.insert(ToString(static_cast<Durability>(level)));
  }
  CHECK(levels.size() == static_cast<std::size_t>(Durability::kReplicaLoss) + 1);
  CHECK(std::string(ToString(Durability::kPowerLoss)) == "power-loss");
}

TEST_CASE("only what the store holds now counts as fine") {
  Outcome outcome;
  for (const auto& [code, fine] : {std::pair(OutcomeCode::kApplied, true),
                                   std::pair(OutcomeCode::kAppliedBelowDurability, true),
                                   std::pair(OutcomeCode::kAlreadyApplied, true),
                                   std::pair(OutcomeCode::kFenced, false),
                                   std::pair(OutcomeCode::kConflict, false),
                                   std::pair(OutcomeCode::kNotApplied, false),
                                   std::pair(OutcomeCode::kFailed, false)}) {
    outcome.code = code;
    CHECK(outcome.Ok() == fine);
  }
}

}  // namespace
}  // namespace offsetstore
