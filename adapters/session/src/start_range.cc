// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <utility>

#include "internal/rules.h"
#include "starter.h"

namespace offsetstore::internal {

void Starter::Place(Batch& batch, Deadline deadline) {
  std::vector<Starting*> absent;
  for (Starting& one : batch) {
    if (one.progress != Starting::Progress::kPending) continue;
    one.stored.reset();
    if (const Entry* entry = std::get_if<Entry>(&one.slot)) {
      one.position = entry->position;
      one.stored = entry->position;
      one.epoch = entry->leader_epoch;
    } else if (one.resolved) {
      one.position = *one.resolved;
    } else {
      absent.push_back(&one);
    }
  }
  if (!absent.empty()) PlaceAtEarliest(absent, deadline);
}

// The topic has positions and this partition has none: it appeared later, and with any other start
// its first records would be lost.
void Starter::PlaceAtEarliest(const std::vector<Starting*>& absent, Deadline deadline) {
  Partitions partitions;
  for (const Starting* one : absent) partitions.push_back(one->at);
  const auto positions =
      client_.Resolve(partitions, {.policy = StartPolicy::kEarliest, .timestamp = {}}, deadline);
  for (std::size_t i = 0; i < absent.size(); ++i) {
    Starting& one = *absent[i];
    if (!positions) {
      Fail(one, positions.error(), false);
    } else if (!(*positions)[i]) {
      Fail(one, (*positions)[i].error(), false);
    } else {
      one.position = *(*positions)[i];
      one.resolved = one.position;
      one.note = Event{.kind = EventKind::kStarted,
                       .at = one.at,
                       .position = one.position,
                       .previous = {},
                       .age = {},
                       .text = "this partition appeared later"};
    }
  }
}

void Starter::CheckRanges(Batch& batch, Deadline deadline) {
  Partitions partitions;
  std::vector<Starting*> checked;
  for (Starting& one : batch) {
    if (one.progress != Starting::Progress::kPending) continue;
    partitions.push_back(one.at);
    checked.push_back(&one);
  }
  if (partitions.empty()) return;
  const auto ranges = client_.Ranges(partitions, Isolation::kAsReader, deadline);
  for (std::size_t i = 0; i < checked.size(); ++i) {
    if (!ranges) {
      Fail(*checked[i], ranges.error(), false);
    } else if (!(*ranges)[i]) {
      Fail(*checked[i], (*ranges)[i].error(), false);
    } else {
      CheckRange(*checked[i], *(*ranges)[i], deadline);
    }
  }
}

void Starter::CheckRange(Starting& one, const LogRange& range, Deadline deadline) {
  const Entry* entry = std::get_if<Entry>(&one.slot);
  if (entry != nullptr && !entry->topic_id.empty() && !range.topic_id.empty() &&
      entry->topic_id != range.topic_id) {
    return LeaveRange(one, range, "the topic was made anew since (its id changed)");
  }
  if (one.epoch && range.leader_epoch && *one.epoch > *range.leader_epoch) {
    return LeaveRange(one, range, "the topic was made anew since (its leader epoch is older)");
  }
  if (one.position < range.start) {
    return LeaveRange(one,
                      range,
                      "up to " + std::to_string(range.start.value() - one.position.value()) +
                          " records were deleted before they were read");
  }
  if (one.position > range.end) return ConfirmBeyondEnd(one, range, deadline);
  one.progress = Starting::Progress::kReady;
}

// A read_committed client sees the last stable offset, and a broker that just took over may lag:
// only the high watermark, asked twice and a second apart, says that the position is beyond the
// end.
void Starter::ConfirmBeyondEnd(Starting& one, const LogRange& range, Deadline deadline) {
  const auto confirmed = client_.Ranges(std::span(&one.at, 1), Isolation::kUncommitted, deadline);
  if (!confirmed) return Fail(one, confirmed.error(), false);
  const Result<LogRange>& full = confirmed->front();
  if (!full) return Fail(one, full.error(), false);
  if (one.position <= full->end) {
    one.progress = Starting::Progress::kReady;
    return;
  }
  if (++one.beyond_end < 2) {
    one.progress = Starting::Progress::kWait;
    one.not_before = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    return;
  }
  LogRange shown = range;
  shown.end = full->end;
  LeaveRange(
      one, shown, "it lies beyond the end of the log (a topic made anew, or another cluster)");
}

void Starter::LeaveRange(Starting& one, const LogRange& range, const std::string& why) {
  const std::string text = "position " + std::to_string(one.position.value()) + " of " +
                           ToString(one.at) + " is not in the log (" +
                           std::to_string(range.start.value()) + " to " +
                           std::to_string(range.end.value()) + "): " + why;
  if (options_.out_of_range == OutOfRange::kFail) {
    one.progress = Starting::Progress::kStop;
    one.error = MakeError(ErrorCode::kOutOfRange,
                          text +
                              "; set offsetstore.out.of.range=earliest or latest, or set the "
                              "position with `offsetctl set`");
    return;
  }
  const Position from = one.position;
  one.position = options_.out_of_range == OutOfRange::kEarliest ? range.start : range.end;
  one.epoch.reset();
  one.topic_id = range.topic_id;
  one.note = Event{.kind = EventKind::kOutOfRange,
                   .at = one.at,
                   .position = one.position,
                   .previous = from,
                   .age = {},
                   .text = text};
}

// Those that `LeaveRange` left pending go on elsewhere than the store says. That is stored before
// anything is read: a transaction of the caller's only moves forward from what is stored, and
// `latest`, resolved again after a crash or an idle partition, would skip what came meanwhile. A
// crash right after it loses nothing: the log does not hold what was stored before. Without claims
// nothing here could keep one in doubt from landing later: there it goes with the session's first
// commit, whose doubts are settled.
void Starter::KeepPlaces(Batch& batch) {
  std::vector<Move> moves;
  std::vector<Starting*> kept;
  for (Starting& one : batch) {
    if (one.progress != Starting::Progress::kPending) continue;
    if (!fenced()) {
      one.progress = Starting::Progress::kReady;
      continue;
    }
    moves.push_back(KeepAt(one));
    kept.push_back(&one);
  }
  if (moves.empty()) return;
  // A bound of its own: with many partitions the looks at their logs may have used up the
  // attempt's, at every attempt.
  const Deadline deadline = Deadline::After(options_.store_timeout);
  auto outcomes = store_.Commit(options_.group, moves, owner_, Atomicity::kEach, deadline);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    TakeKept(*kept[i],
             outcomes ? std::move((*outcomes)[i]) : Failed(kept[i]->at, outcomes.error()));
  }
}

Move Starter::KeepAt(const Starting& one) const {
  Move move = StartAt(one.at, one.position);
  if (one.stored && one.position < *one.stored) move.kind = Kind::kRewind;
  move.claim = one.claim;
  if (move.from && one.stored) move.from = *one.stored;
  // Else the same log would count as made anew at each start.
  move.topic_id = one.topic_id;
  return move;
}

// After a failure the next attempt reads anew and claims on top of this claim: one in doubt that
// lands late fails its check then, where it could undo what was stored since.
void Starter::TakeKept(Starting& one, Outcome outcome) const {
  if (outcome.Ok()) {
    one.progress = Starting::Progress::kReady;
    one.kept = std::move(outcome);
    return;
  }
  if (outcome.code == OutcomeCode::kFenced) {
    one.progress = Starting::Progress::kFenced;
    one.holder = std::move(outcome.holder);
    return;
  }
  one.claim.reset();
  if (outcome.error) return Fail(one, *std::move(outcome.error), true);
  // Somebody wrote without a claim.
  one.progress = Starting::Progress::kWait;
  one.not_before = std::chrono::steady_clock::now();
}

}  // namespace offsetstore::internal
