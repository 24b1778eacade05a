// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the answers of a store mean for the operations of a history.
#pragma once

#include <cstdint>

#include "offsetstore/store.h"
#include "operation.h"

namespace offsetstore::testing {

/// Now, in nanoseconds of the machine's monotonic clock.
[[nodiscard]] std::int64_t HistoryClock();

/// Throws where a store tells of something else than a server that is busy, away or killed.
void Note(const Outcome& outcome, Operation& operation);
void Note(const ClaimAnswer& answer, Operation& operation);
void Note(const Read& read, Operation& operation);

[[nodiscard]] Ending EndingOf(const Error& error);

/// The answers to one call, which ended now.
template <class Answer>
void NoteAll(const Answers<Answer>& answers, std::vector<Operation>& operations) {
  const std::int64_t now = HistoryClock();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (answers) {
      Note(answers->at(i), operations[i]);
    } else {
      operations[i].end = EndingOf(answers.error());
    }
    // What is in doubt may take effect later.
    operations[i].ended = operations[i].end == Ending::kDoubt ? kNever : now;
  }
}

}  // namespace offsetstore::testing
