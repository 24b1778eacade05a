// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "claimed_commit.h"

#include <cstddef>
#include <string>
#include <utility>

#include "internal/percent.h"
#include "internal/rules.h"
#include "value.h"

namespace offsetstore::redis {
namespace {

/// The kind of move and the position that it expects, in one word.
std::string ConditionOf(const Move& move) {
  std::string word(1, move.kind == Kind::kRewind ? 'r' : 'a');
  if (!move.from) return word;
  const Position* position = std::get_if<Position>(&*move.from);
  return word + (position == nullptr ? "-" : Digits(position->value()));
}

void AddMove(Command& call, const Move& move) {
  call.Add(FieldOf(move.at));
  call.Add(HeldBy(*move.claim));
  call.Add(ConditionOf(move));
  call.Add(Digits(move.to.value()));
  call.Add(EpochWord(move.leader_epoch));
  call.Add(internal::PercentEncode(move.topic_id));
  call.Add(internal::PercentEncode(move.cluster_id));
  call.Add(move.metadata);
}

/// What the rules say about a move that the server refused, on what it refused it on.
Outcome Explain(const Move& move, const Owner& by, const redisReply& stored) {
  internal::Record record = internal::NoRecord();
  if (IsText(stored)) {
    Result<internal::Record> read = ToRecord(TextOf(stored));
    if (!read) {
      Error error = std::move(read).error();
      return internal::Failed(move.at, error.With("field", FieldOf(move.at)));
    }
    record = *std::move(read);
  }
  Outcome outcome = internal::DecideMove(record, move, by).outcome;
  if (!outcome.Ok()) return outcome;
  return internal::Failed(
      move.at,
      MakeError(ErrorCode::kInternal,
                "the server's script refused a move that the rules allow; nothing was written"));
}

Outcome ToOutcome(const Move& move,
                  const Owner& by,
                  const redisReply& said,
                  const std::optional<Error>& below) {
  const bool already = IsInteger(said, 2);
  if (!already && !IsInteger(said, 1)) return Explain(move, by, said);
  Outcome outcome = already ? internal::AlreadyApplied(move.at) : internal::Applied(move.at);
  // What was there already may be what too few replicas have.
  if (below) {
    outcome.code = OutcomeCode::kAppliedBelowDurability;
    outcome.error = below;
  }
  return outcome;
}

}  // namespace

std::vector<Outcome> CommitClaimed(Link& link,
                                   const Layout& layout,
                                   const WritePromise& promise,
                                   std::string_view group,
                                   std::span<const Move> moves,
                                   const Owner& by,
                                   Atomicity atomicity,
                                   Deadline deadline) {
  const std::string writer = internal::PercentEncode(internal::Signature(by));
  const std::string time = TimeWord(Now());
  const BatchAnswers answers =
      RunBatch(link,
               layout,
               promise,
               {.script = Script::kCommit,
                .group = group,
                .atomicity = atomicity,
                .common = {writer, time},
                .items = moves.size(),
                .add = [moves](Command& call, std::size_t i) { AddMove(call, moves[i]); }},
               deadline);
  std::vector<Outcome> outcomes;
  outcomes.reserve(moves.size());
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const auto* error = std::get_if<Error>(&answers.items[i]);
    outcomes.push_back(
        error != nullptr
            ? internal::Failed(moves[i].at, *error)
            : ToOutcome(
                  moves[i], by, *std::get<const redisReply*>(answers.items[i]), answers.below));
  }
  if (atomicity == Atomicity::kAll) static_cast<void>(internal::RefuseUnlessAll(outcomes));
  return outcomes;
}

}  // namespace offsetstore::redis
