// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reset_target.h"

#include <algorithm>
#include <cstdint>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

/// An offset that may be outside of everything: it is moved into the log later.
using Wanted = Result<std::int64_t>;

Error NoPosition(const TopicPartition& at) {
  return MakeError(ErrorCode::kInvalidArgument,
                   ToString(at) +
                       " has no position to start from; use --to-earliest, --to-latest, "
                       "--to-offset or a time");
}

Wanted PositionOf(const Slot& slot, const TopicPartition& at) {
  if (const auto* error = std::get_if<Error>(&slot)) return *error;
  const auto* entry = std::get_if<Entry>(&slot);
  if (entry == nullptr) return NoPosition(at);
  return entry->position.value();
}

Wanted Shifted(const ResetStep& step, std::int64_t by) {
  OS_ASSIGN_OR_RETURN(const std::int64_t position, PositionOf(step.current, step.at));
  // The position is never negative, so only the upper end can be passed.
  if (by > 0 && position > Position::kMax - by) return Position::kMax;
  return position + by;
}

Wanted Current(ResetStep& step) {
  if (!std::holds_alternative<Absent>(step.current)) return PositionOf(step.current, step.at);
  if (!step.log) return NoPosition(step.at);
  step.note = "had none: the log's end";
  return step.log->end.value();
}

Wanted OfFile(const ResetStep& step, const Slot& file) {
  if (!std::holds_alternative<Absent>(file)) return PositionOf(file, step.at);
  return MakeError(ErrorCode::kInvalidArgument, "the file holds nothing for " + ToString(step.at));
}

Wanted OfTime(ResetStep& step, const Result<Position>& time) {
  if (!time) return time.error();
  if (step.log && *time >= step.log->end) step.note = "no record is that young: the log's end";
  return time->value();
}

Wanted WantedOf(ResetStep& step,
                const ResetTarget& target,
                const Result<Position>* time,
                const Slot* file) {
  switch (target.to) {
    case ResetTo::kEarliest:
      if (step.log) return step.log->start.value();
      break;
    case ResetTo::kLatest:
      if (step.log) return step.log->end.value();
      break;
    case ResetTo::kOffset:
      return target.number;
    case ResetTo::kShift:
      return Shifted(step, target.number);
    case ResetTo::kTime:
      if (time != nullptr) return OfTime(step, *time);
      break;
    case ResetTo::kCurrent:
      return Current(step);
    case ResetTo::kFile:
      if (file != nullptr) return OfFile(step, *file);
      break;
  }
  return MakeError(ErrorCode::kInternal, "what the reset needs to know was not asked for");
}

void AddNote(ResetStep& step, const std::string& note) {
  step.note += (step.note.empty() ? "" : "; ") + note;
}

void Clamp(ResetStep& step, std::int64_t wanted) {
  const std::int64_t least = step.log ? step.log->start.value() : 0;
  const std::int64_t most = step.log ? step.log->end.value() : Position::kMax;
  step.to = Position(std::clamp(wanted, least, most));
  if (wanted < least) {
    AddNote(
        step,
        std::to_string(wanted) + " is before the log's start: moved to " + std::to_string(least));
  }
  if (wanted > most) {
    AddNote(step,
            std::to_string(wanted) + " is beyond the log's end: moved to " + std::to_string(most));
  }
  if (!step.log) AddNote(step, "not checked against the log");
}

}  // namespace

void Resolve(ResetStep& step,
             const ResetTarget& target,
             const Result<Position>* time,
             const Slot* file) {
  const Wanted wanted = WantedOf(step, target, time, file);
  if (wanted) {
    Clamp(step, *wanted);
  } else {
    step.error = wanted.error();
  }
}

Error NoSuchTopic(const std::string& topic) {
  return MakeError(ErrorCode::kOutOfRange,
                   "there is no topic '" + Printable(topic) + "' in the cluster");
}

bool NeedsLogs(ResetTo to) noexcept {
  return to == ResetTo::kEarliest || to == ResetTo::kLatest || to == ResetTo::kTime;
}

}  // namespace offsetstore::migration
