// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "apply.h"

#include <utility>

#include "internal/macros.h"
#include "internal/rules.h"

namespace offsetstore::sql {
namespace {

/// Reads the row, lets the rules decide, writes what they say.
template <class Request, class Decide>
Result<Outcome> ReadDecidePut(PositionTable& table, const Request& request, Decide decide) {
  OS_ASSIGN_OR_RETURN(Found found, table.ReadOne(request.at));
  if (!found) return internal::Failed(request.at, std::move(found).error());
  internal::Decision decision = decide(*found, request);
  if (decision.next) OS_RETURN_IF_ERROR(table.Put(request.at, *decision.next));
  return std::move(decision.outcome);
}

template <class Request, class Decide>
Answers<Outcome> ForEach(PositionTable& table, std::span<const Request> requests, Decide decide) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(requests.size());
  for (const Request& request : requests) {
    OS_ASSIGN_OR_RETURN(Outcome outcome, ReadDecidePut(table, request, decide));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace

Answers<ClaimAnswer> ApplyClaims(PositionTable& table,
                                 std::span<const ClaimRequest> requests,
                                 const Owner& by) {
  std::vector<ClaimAnswer> answers;
  answers.reserve(requests.size());
  for (const ClaimRequest& request : requests) {
    OS_ASSIGN_OR_RETURN(Found before, table.ReadOne(request.at));
    if (!before) {
      answers.push_back({.outcome = internal::Failed(request.at, std::move(before).error()),
                         .token = {},
                         .slot = Absent{},
                         .previous = {}});
      continue;
    }
    internal::Decision decision = internal::DecideClaim(*before, request, by);
    if (decision.next) OS_RETURN_IF_ERROR(table.Put(request.at, *decision.next));
    answers.push_back(internal::ToClaimAnswer(std::move(decision), *before));
  }
  return answers;
}

Answers<Outcome> ApplyMoves(PositionTable& table, std::span<const Move> moves, const Owner& by) {
  const auto decide = [&by](const internal::Record& record, const Move& move) {
    return internal::DecideMove(record, move, by);
  };
  std::vector<Outcome> outcomes;
  outcomes.reserve(moves.size());
  for (const Move& move : moves) {
    if (move.claim && move.kind == Kind::kAdvance) {
      OS_ASSIGN_OR_RETURN(const bool moved, table.Advance(move));
      if (moved) {
        outcomes.push_back(internal::Applied(move.at));
        continue;
      }
    }
    OS_ASSIGN_OR_RETURN(Outcome outcome, ReadDecidePut(table, move, decide));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Answers<Outcome> ApplyReleases(PositionTable& table, std::span<const Claimed> claims) {
  return ForEach(table, claims, internal::DecideRelease);
}

Answers<Outcome> ApplyRemovals(PositionTable& table,
                               std::span<const Removal> removals,
                               const Owner& by) {
  return ForEach(table, removals, [&by](const internal::Record& record, const Removal& removal) {
    return internal::DecideRemoval(record, removal, by);
  });
}

}  // namespace offsetstore::sql
