// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "internal/rules.h"
#include "offsetstore/store.h"

namespace offsetstore::sql {

inline Outcome& OutcomeOf(Outcome& outcome) noexcept {
  return outcome;
}
inline Outcome& OutcomeOf(ClaimAnswer& answer) noexcept {
  return answer.outcome;
}

/// What was written is now unknown; what changed nothing (fenced, conflict, ...) stays true.
template <class Answer>
void MarkInDoubt(std::vector<Answer>& answers, const Error& error) {
  for (Answer& answer : answers) {
    Outcome& outcome = OutcomeOf(answer);
    if (outcome.code == OutcomeCode::kApplied) outcome = internal::Failed(outcome.at, error);
  }
}

/// What was written is applied, but not as durable as the store declares; `error` says why.
template <class Answer>
void MarkBelowDurability(std::vector<Answer>& answers, const Error& error) {
  for (Answer& answer : answers) {
    Outcome& outcome = OutcomeOf(answer);
    if (outcome.code != OutcomeCode::kApplied) continue;
    outcome.code = OutcomeCode::kAppliedBelowDurability;
    outcome.error = error;
  }
}

}  // namespace offsetstore::sql
