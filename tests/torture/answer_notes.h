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

void Note(const Outcome& outcome, Operation& operation);
void Note(const ClaimAnswer& answer, Operation& operation);
void Note(const Read& read, Operation& operation);

/// The answers to one call, which ended now. An error of the whole call: nothing was sent.
template <class Answer>
void NoteAll(const Answers<Answer>& answers, std::vector<Operation>& operations) {
  const std::int64_t now = HistoryClock();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (answers) {
      Note(answers->at(i), operations[i]);
    } else {
      operations[i].end = Ending::kFailed;
    }
    // What is in doubt may take effect later.
    operations[i].ended = operations[i].end == Ending::kDoubt ? kNever : now;
  }
}

}  // namespace offsetstore::testing
