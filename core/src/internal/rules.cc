// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/rules.h"

#include <algorithm>

namespace offsetstore::internal {
namespace {

bool IsHeld(const Record& record) noexcept {
  return record.claim && !record.removed && !record.claim->released;
}

ClaimView NextClaim(const Record& record, const Nonce& nonce, const Owner& by, bool released) {
  const std::uint64_t counter = record.claim ? record.claim->token.counter : 0;
  return ClaimView{ClaimToken{counter + 1, nonce}, by, released};
}

Entry ToEntry(const Record& record, const Move& move, const Owner& by) {
  Entry entry;
  entry.position = move.to;
  entry.leader_epoch = move.leader_epoch;
  entry.topic_id = move.topic_id;
  entry.cluster_id = move.cluster_id;
  entry.metadata = move.metadata;
  entry.commit_time = Now();
  entry.writer = Signature(by);
  // A tool that sets a position knows neither id; forgetting them would disarm the checks against
  // a re-created topic and against the wrong cluster.
  if (record.entry && entry.topic_id.empty()) entry.topic_id = record.entry->topic_id;
  if (record.entry && entry.cluster_id.empty()) entry.cluster_id = record.entry->cluster_id;
  return entry;
}

bool IsSameTarget(const Record& record, const Move& move) {
  return record.entry && record.entry->position == move.to &&
         record.entry->metadata == move.metadata && record.entry->leader_epoch == move.leader_epoch;
}

Outcome Conflicting(const TopicPartition& at,
                    const Record& record,
                    std::optional<From> expected,
                    std::string advice) {
  Outcome outcome{
      .at = at, .code = OutcomeCode::kConflict, .holder = {}, .conflict = {}, .error = {}};
  outcome.conflict.emplace();
  if (record.entry) {
    outcome.conflict->stored = *record.entry;
  }
  outcome.conflict->expected = expected;
  outcome.conflict->advice = std::move(advice);
  return outcome;
}

std::optional<Outcome> CheckPosition(const Record& record, const Move& move) {
  if (move.from && !Matches(*move.from, record)) {
    return Conflicting(
        move.at, record, move.from, "read the stored position again and decide from it");
  }
  if (move.kind == Kind::kAdvance && record.entry && move.to < record.entry->position) {
    return Conflicting(move.at,
                       record,
                       std::nullopt,
                       "a commit never moves backwards; rewind explicitly if that is meant");
  }
  return std::nullopt;
}

Decision DecideSet(const Record& record, const Move& move, const Owner& by) {
  if (!Matches(move.expect, record)) return {Fenced(move.at, record.claim), {}};
  if (auto refused = CheckPosition(record, move)) return {*std::move(refused), {}};
  return {Applied(move.at),
          Record{ToEntry(record, move, by), NextClaim(record, Nonce::Random(), by, true), false}};
}

Decision DecideClaimedMove(const Record& record, const Move& move, const Owner& by) {
  if (!IsHeld(record) || record.claim->token != *move.claim) {
    return {Fenced(move.at, record.claim), {}};
  }
  if (IsSameTarget(record, move)) return {AlreadyApplied(move.at), {}};
  if (auto refused = CheckPosition(record, move)) return {*std::move(refused), {}};
  return {Applied(move.at), Record{ToEntry(record, move, by), record.claim, false}};
}

Decision DecideUnclaimedMove(const Record& record, const Move& move, const Owner& by) {
  if (IsHeld(record)) return {Fenced(move.at, record.claim), {}};
  if (auto refused = CheckPosition(record, move)) return {*std::move(refused), {}};
  if (IsSameTarget(record, move)) return {AlreadyApplied(move.at), {}};
  return {Applied(move.at), Record{ToEntry(record, move, by), record.claim, false}};
}

}  // namespace

const Record& NoRecord() noexcept {
  static const Record none;
  return none;
}

const Record& Lookup(const RecordMap& records, const TopicPartition& at) {
  const auto found = records.find(at);
  return found == records.end() ? NoRecord() : found->second;
}

bool IsVisible(const Record& record) noexcept {
  return record.entry.has_value() || (record.claim && !record.removed);
}

Read ToRead(TopicPartition at, Record record) {
  Read read{.at = std::move(at), .slot = Absent{}, .claim = {}};
  if (record.removed) return read;
  if (record.entry) read.slot = *std::move(record.entry);
  read.claim = std::move(record.claim);
  return read;
}

std::vector<Read> Select(const RecordMap& records, const Selection& selection) {
  std::vector<Read> reads;
  for (const TopicPartition& at : selection.partitions) {
    reads.push_back(ToRead(at, Lookup(records, at)));
  }
  if (!selection.partitions.empty() && selection.topics.empty()) return reads;
  for (const auto& [at, record] : records) {
    const bool wanted = selection.topics.empty() ||
                        std::find(selection.topics.begin(), selection.topics.end(), at.topic) !=
                            selection.topics.end();
    if (wanted && IsVisible(record)) reads.push_back(ToRead(at, record));
  }
  return reads;
}

bool Matches(const Expect& expect, const Record& record) noexcept {
  if (std::holds_alternative<Any>(expect)) return true;
  if (std::holds_alternative<Nobody>(expect)) return !IsHeld(record);
  return record.claim && record.claim->token == std::get<ClaimToken>(expect);
}

bool Matches(const From& from, const Record& record) noexcept {
  if (std::holds_alternative<Absent>(from)) return !record.entry;
  return record.entry && record.entry->position == std::get<Position>(from);
}

Decision DecideClaim(const Record& record, const ClaimRequest& request, const Owner& by) {
  if (!Matches(request.expect, record)) return {Fenced(request.at, record.claim), {}};
  return {Applied(request.at),
          Record{record.entry, NextClaim(record, request.nonce, by, false), false}};
}

Decision DecideMove(const Record& record, const Move& move, const Owner& by) {
  if (move.kind == Kind::kSet) return DecideSet(record, move, by);
  return move.claim ? DecideClaimedMove(record, move, by) : DecideUnclaimedMove(record, move, by);
}

Decision DecideRelease(const Record& record, const Claimed& claim) {
  if (!record.claim || record.claim->token != claim.token) {
    return {Fenced(claim.at, record.claim), {}};
  }
  if (record.claim->released) return {AlreadyApplied(claim.at), {}};
  Record next = record;
  next.claim->released = true;
  return {Applied(claim.at), std::move(next)};
}

Decision DecideRemoval(const Record& record, const Removal& removal, const Owner& by) {
  if (!IsVisible(record)) return {AlreadyApplied(removal.at), {}};
  if (!Matches(removal.expect, record)) return {Fenced(removal.at, record.claim), {}};
  if (removal.from && !Matches(*removal.from, record)) {
    return {
        Conflicting(
            removal.at, record, removal.from, "read the stored position again and decide from it"),
        {}};
  }
  return {Applied(removal.at),
          Record{std::nullopt, NextClaim(record, Nonce::Random(), by, true), true}};
}

BatchDecision DecideMoves(const RecordMap& records,
                          std::span<const Move> moves,
                          const Owner& by,
                          Atomicity atomicity) {
  BatchDecision batch;
  batch.outcomes.reserve(moves.size());
  for (const Move& move : moves) {
    Decision decision = DecideMove(Lookup(records, move.at), move, by);
    batch.outcomes.push_back(std::move(decision.outcome));
    if (decision.next) batch.changes.emplace_back(move.at, *std::move(decision.next));
  }
  if (atomicity == Atomicity::kAll && !RefuseUnlessAll(batch.outcomes)) batch.changes.clear();
  return batch;
}

bool RefuseUnlessAll(std::vector<Outcome>& outcomes) {
  const auto fine = [](const Outcome& outcome) { return outcome.Ok(); };
  if (std::all_of(outcomes.begin(), outcomes.end(), fine)) return true;
  for (Outcome& outcome : outcomes) {
    if (outcome.Ok()) outcome.code = OutcomeCode::kNotApplied;
  }
  return false;
}

ClaimAnswer ToClaimAnswer(Decision decision, const Record& before) {
  ClaimAnswer answer{
      .outcome = std::move(decision.outcome), .token = {}, .slot = Absent{}, .previous = {}};
  if (!answer.outcome.Ok()) return answer;
  answer.token = decision.next->claim->token;
  if (before.entry) answer.slot = *before.entry;
  answer.previous = before.claim;
  return answer;
}

Outcome Applied(TopicPartition at) {
  return {.at = std::move(at),
          .code = OutcomeCode::kApplied,
          .holder = {},
          .conflict = {},
          .error = {}};
}

Outcome AlreadyApplied(TopicPartition at) {
  return {.at = std::move(at),
          .code = OutcomeCode::kAlreadyApplied,
          .holder = {},
          .conflict = {},
          .error = {}};
}

Outcome Fenced(TopicPartition at, std::optional<ClaimView> holder) {
  return {.at = std::move(at),
          .code = OutcomeCode::kFenced,
          .holder = std::move(holder),
          .conflict = {},
          .error = {}};
}

Outcome Failed(TopicPartition at, Error error) {
  return {.at = std::move(at),
          .code = OutcomeCode::kFailed,
          .holder = {},
          .conflict = {},
          .error = std::move(error)};
}

std::string Signature(const Owner& by) {
  std::string text = by.kind == Owner::Kind::kMember ? "member" : "operator";
  if (!by.name.empty()) text += ' ' + by.name;
  return text + " (host " + by.host + ", pid " + std::to_string(by.pid) + ')';
}

}  // namespace offsetstore::internal
