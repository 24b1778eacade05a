// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The start: where nothing is stored for any partition of a topic, the policy is resolved to
// numbers for every partition and committed before anything is claimed. So a crash or an idle
// partition never resolves it twice, and "absent" later means "this partition appeared later".
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "starter.h"

namespace offsetstore::internal {
namespace {

constexpr int kRounds = 3;

bool IsPending(const Starting& one, const std::string& topic) {
  return one.at.topic == topic && one.progress == Starting::Progress::kPending;
}

bool IsOk(const Outcome& outcome) {
  return outcome.Ok();
}

bool IsFenced(const Outcome& outcome) {
  return outcome.code == OutcomeCode::kFenced;
}

/// Nothing stored for any partition. What cannot be read counts as stored.
bool IsNew(const std::vector<Read>& reads) {
  return std::all_of(reads.begin(), reads.end(), [](const Read& read) {
    return std::holds_alternative<Absent>(read.slot);
  });
}

}  // namespace

void Starter::ResolveNewTopics(Batch& batch, Deadline deadline) {
  std::set<std::string> topics;
  for (const Starting& one : batch) {
    if (one.progress == Starting::Progress::kPending && !one.claim) topics.insert(one.at.topic);
  }
  for (const std::string& topic : topics) {
    for (int round = 0; round < kRounds && IsNew(topics_[topic]); ++round) {
      // Not all: somebody else started it first, or holds a claim on a part of it.
      if (ResolveTopic(batch, topic, deadline) || !ReadTopic(batch, topic, deadline)) break;
    }
  }
}

bool Starter::ReadTopic(Batch& batch, const std::string& topic, Deadline deadline) {
  const Result<Selection> selection = SelectionOf(topic, deadline);
  if (!selection) {
    FailTopic(batch, topic, selection.error(), false);
    return false;
  }
  auto reads = store_.Fetch(options_.group, *selection, deadline);
  if (!reads) {
    FailTopic(batch, topic, reads.error(), true);
    return false;
  }
  for (Starting& one : batch) {
    if (IsPending(one, topic)) See(one, *reads);
  }
  topics_[topic] = *std::move(reads);
  return true;
}

void Starter::FailTopic(Batch& batch,
                        const std::string& topic,
                        const Error& error,
                        bool of_store) const {
  for (Starting& one : batch) {
    if (IsPending(one, topic)) Fail(one, error, of_store);
  }
}

Result<Partitions> Starter::WhichToStart(const Batch& batch,
                                         const std::string& topic,
                                         Deadline deadline) {
  Partitions partitions;
  if (!fenced()) {
    // Without a compare-and-set a commit for somebody else's partition could undo his.
    for (const Starting& one : batch) {
      if (IsPending(one, topic)) partitions.push_back(one.at);
    }
    return partitions;
  }
  auto numbers = client_.PartitionsOf(topic, deadline);
  if (!numbers) return std::move(numbers).error();
  for (const std::int32_t number : *numbers) partitions.push_back({topic, number});
  return partitions;
}

Result<Partitions> Starter::WhichToStartOrFail(const Batch& batch,
                                               const std::string& topic,
                                               Deadline deadline) {
  if (options_.start.policy == StartPolicy::kFail) {
    return MakeError(ErrorCode::kOutOfRange,
                     "group '" + Printable(options_.group) + "' has no position for topic " +
                         Printable(topic) +
                         " and offsetstore.start=fail; set one with `offsetctl set`, or set "
                         "offsetstore.start");
  }
  return WhichToStart(batch, topic, deadline);
}

bool Starter::ResolveTopic(Batch& batch, const std::string& topic, Deadline deadline) {
  const auto fail = [&](const Error& error) {
    FailTopic(batch, topic, error, false);
    return true;
  };
  const auto partitions = WhichToStartOrFail(batch, topic, deadline);
  if (!partitions) return fail(partitions.error());
  if (partitions->empty()) return true;
  const auto positions = client_.Resolve(*partitions, options_.start, deadline);
  if (!positions) return fail(positions.error());
  std::vector<Move> moves;
  for (std::size_t i = 0; i < partitions->size(); ++i) {
    const Result<Position>& position = (*positions)[i];
    // All or none: a partition left out would look like one that appeared later.
    if (!position) return fail(position.error());
    moves.push_back(StartAt((*partitions)[i], *position));
  }
  for (Starting& one : batch) {
    const auto move = std::find_if(
        moves.begin(), moves.end(), [&](const Move& candidate) { return candidate.at == one.at; });
    if (IsPending(one, topic) && move != moves.end()) one.resolved = move->to;
  }
  return CommitStart(batch, topic, moves, deadline);
}

Move Starter::StartAt(const TopicPartition& at, Position position) const {
  Move move;
  move.at = at;
  move.to = position;
  move.cluster_id = owner_.cluster_id;
  if (store_.Info().capabilities.conditional_commits) move.from = Absent{};
  return move;
}

bool Starter::CommitStart(Batch& batch,
                          const std::string& topic,
                          const std::vector<Move>& moves,
                          Deadline deadline) {
  const StoreInfo& info = store_.Info();
  const bool atomic = info.capabilities.atomic_batch && moves.size() <= info.limits.atomic_batch;
  auto outcomes = store_.Commit(
      options_.group, moves, owner_, atomic ? Atomicity::kAll : Atomicity::kEach, deadline);
  if (!outcomes) {
    FailTopic(batch, topic, outcomes.error(), !WaitsForGroup(info, outcomes.error()));
    return true;
  }
  const bool all = std::all_of(outcomes->begin(), outcomes->end(), IsOk);
  if (atomic && std::any_of(outcomes->begin(), outcomes->end(), IsFenced)) {
    // A claim without a position (a removed one, a crash between the two) refuses the batch:
    // start what can be started, so that the rest counts as later and this loop ends.
    outcomes = store_.Commit(options_.group, moves, owner_, Atomicity::kEach, deadline);
    if (!outcomes) return false;
  }
  for (Starting& one : batch) {
    if (IsPending(one, topic)) NoteStart(one, *outcomes);
    if (IsPending(one, topic) && options_.fenced_by_group) LeaveDoubt(one, *outcomes);
  }
  // What failed in doubt or lost against another is told by the next read.
  return all;
}

// One that lands late would undo what a transaction moved meanwhile; in the group's next generation
// it cannot land any more.
void Starter::LeaveDoubt(Starting& one, const std::vector<Outcome>& outcomes) {
  const bool in_doubt = std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
    return outcome.at == one.at && outcome.error && outcome.error->code == ErrorCode::kInDoubt;
  });
  if (in_doubt) one.progress = Starting::Progress::kFenced;
}

void Starter::NoteStart(Starting& one, const std::vector<Outcome>& outcomes) {
  const bool started = std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
    return outcome.at == one.at && outcome.Ok();
  });
  if (!started) return;
  Entry entry;
  entry.position = *one.resolved;
  one.slot = entry;
  one.note = Event{.kind = EventKind::kStarted,
                   .at = one.at,
                   .position = one.resolved,
                   .previous = {},
                   .age = {},
                   .text = {}};
}

}  // namespace offsetstore::internal
