// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/conditions.h"

namespace offsetstore::migration {
namespace {

std::optional<ClaimToken> TokenOf(const Read& read) {
  if (!read.claim) return std::nullopt;
  return read.claim->token;
}

std::string Stored(const Conflict& conflict) {
  const auto* entry = std::get_if<Entry>(&conflict.stored);
  if (entry == nullptr) return "nothing is stored now";
  std::string text = "stored is " + std::to_string(entry->position.value());
  if (!entry->writer.empty()) text += ", written by " + entry->writer;
  return text;
}

}  // namespace

From FromOf(const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  if (entry == nullptr) return Absent{};
  return entry->position;
}

Expect ExpectOf(const Read& saw, const Capabilities& can) {
  if (!can.fenced_commits) return Any{};
  if (!saw.claim) return Nobody{};
  return saw.claim->token;
}

std::optional<From> FromIfChecked(const Read& saw, const Capabilities& can) {
  if (!can.conditional_commits) return std::nullopt;
  return FromOf(saw.slot);
}

bool Unmoved(const Read& saw, const Read& now) {
  return !std::holds_alternative<Error>(now.slot) && FromOf(saw.slot) == FromOf(now.slot) &&
         TokenOf(saw) == TokenOf(now);
}

std::string Explain(const Outcome& outcome) {
  switch (outcome.code) {
    case OutcomeCode::kApplied:
    case OutcomeCode::kAlreadyApplied:
      return {};
    case OutcomeCode::kAppliedBelowDurability:
      return outcome.error ? ToString(*outcome.error) : "applied below the declared durability";
    case OutcomeCode::kFenced:
      return outcome.holder ? "claimed meanwhile by " + ToString(outcome.holder->owner) +
                                  "; look again before you repeat this"
                            : "its claim is gone; look again before you repeat this";
    case OutcomeCode::kConflict:
      if (!outcome.conflict) return "what is stored has moved; look again before you repeat this";
      return Stored(*outcome.conflict) + "; " +
             (outcome.conflict->advice.empty() ? "look again before you repeat this"
                                               : outcome.conflict->advice);
    case OutcomeCode::kNotApplied:
      return "not done, because another partition of the same command was refused";
    case OutcomeCode::kFailed:
      break;
  }
  return outcome.error ? ToString(*outcome.error) : "failed";
}

}  // namespace offsetstore::migration
