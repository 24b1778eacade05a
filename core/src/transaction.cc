// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/transaction.h"

#include <algorithm>
#include <string>
#include <variant>

namespace offsetstore {
namespace {

std::string ToString(const From& from) {
  const auto* position = std::get_if<Position>(&from);
  return position == nullptr ? "nothing" : std::to_string(position->value());
}

std::string ToString(const std::variant<Absent, Entry>& stored) {
  const auto* entry = std::get_if<Entry>(&stored);
  if (entry == nullptr) return "nothing";
  std::string text = std::to_string(entry->position.value());
  if (!entry->writer.empty()) text += " (by " + Printable(entry->writer) + ')';
  return text;
}

Error ConflictError(const TopicPartition& at, const Conflict& conflict) {
  std::string text = ToString(at) + ": " + ToString(conflict.stored) + " is stored";
  if (conflict.expected) text += " and " + ToString(*conflict.expected) + " was expected";
  return MakeError(ErrorCode::kConflict, text + "; " + conflict.advice);
}

Error FencedError(const Outcome& outcome) {
  const std::string by = outcome.holder ? ToString(outcome.holder->owner) : "nobody";
  const bool released = outcome.holder && outcome.holder->released;
  return MakeError(ErrorCode::kFenced,
                   ToString(outcome.at) + ": the claim is not the newest any more; " +
                       (released ? "released by " : "held by ") + by +
                       "; roll back, and let go of the partition");
}

Error RefusalError(const Outcome& outcome) {
  if (outcome.error) return *outcome.error;
  if (outcome.conflict) return ConflictError(outcome.at, *outcome.conflict);
  if (outcome.code == OutcomeCode::kFenced) return FencedError(outcome);
  return MakeError(ErrorCode::kInternal,
                   ToString(outcome.at) + ": " + std::string(ToString(outcome.code)));
}

// The reason goes before what only shares its batch.
int Weight(const Outcome& outcome) {
  if (outcome.code == OutcomeCode::kApplied) return 2;
  return outcome.code == OutcomeCode::kNotApplied ? 1 : 0;
}

template <class Answer, class OutcomeOf>
Status Check(const Answers<Answer>& answers, OutcomeOf outcome_of) {
  if (!answers) return answers.error();
  const auto first = std::min_element(
      answers->begin(), answers->end(), [&outcome_of](const Answer& a, const Answer& b) {
        return Weight(outcome_of(a)) < Weight(outcome_of(b));
      });
  if (first == answers->end() || outcome_of(*first).code == OutcomeCode::kApplied) return {};
  return RefusalError(outcome_of(*first));
}

}  // namespace

Status AllApplied(const Answers<LockAnswer>& answers) {
  return Check(answers, [](const LockAnswer& answer) -> const Outcome& { return answer.outcome; });
}

Status AllApplied(const Answers<Outcome>& answers) {
  return Check(answers, [](const Outcome& outcome) -> const Outcome& { return outcome; });
}

}  // namespace offsetstore
