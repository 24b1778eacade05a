// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "answer_notes.h"

#include <charconv>
#include <chrono>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

std::int64_t PositionOf(const Slot& slot) {
  if (const auto* entry = std::get_if<Entry>(&slot)) return entry->position.value();
  return std::holds_alternative<Absent>(slot) ? kAbsent : kUntold;
}

void Show(const std::optional<ClaimView>& view, Operation& operation) {
  if (!view) return;
  operation.seen = view->token.counter;
  operation.seen_released = view->released;
  const std::string& name = view->owner.name;
  std::from_chars(name.data(), name.data() + name.size(), operation.seen_by);
}

}  // namespace

std::int64_t HistoryClock() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

Ending EndingOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInDoubt:
      return Ending::kDoubt;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return Ending::kFailed;
    default:
      throw std::runtime_error(ToString(error));
  }
}

void Note(const Outcome& outcome, Operation& operation) {
  if (outcome.code == OutcomeCode::kAlreadyApplied && operation.act == Act::kRemove) {
    // By another one: a removal is sent once.
    operation.end = Ending::kRefused;
    operation.found = kAbsent;
  } else if (outcome.Ok()) {
    operation.end = Ending::kApplied;
  } else if (outcome.code == OutcomeCode::kFenced) {
    operation.end = Ending::kRefused;
    Show(outcome.holder, operation);
  } else if (outcome.code == OutcomeCode::kConflict) {
    operation.end = Ending::kRefused;
    const auto* stored = std::get_if<Entry>(&outcome.conflict->stored);
    operation.found = stored != nullptr ? stored->position.value() : kAbsent;
  } else if (outcome.error) {
    operation.end = EndingOf(*outcome.error);
  } else {
    // Not applied, with its batch.
    operation.end = Ending::kFailed;
  }
}

void Note(const ClaimAnswer& answer, Operation& operation) {
  Note(answer.outcome, operation);
  if (!answer.outcome.Ok()) return;
  operation.granted = answer.token.counter;
  operation.found = PositionOf(answer.slot);
  Show(answer.previous, operation);
}

void Note(const Read& read, Operation& operation) {
  operation.end = Ending::kApplied;
  if (const auto* error = std::get_if<Error>(&read.slot)) operation.end = EndingOf(*error);
  operation.found = PositionOf(read.slot);
  Show(read.claim, operation);
}

}  // namespace offsetstore::testing
