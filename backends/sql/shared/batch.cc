// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "shared/batch.h"

#include <utility>

#include "internal/macros.h"
#include "internal/validate.h"

namespace offsetstore::sql {
namespace {

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Status CheckDeadline(Deadline deadline) {
  if (!deadline.Passed()) return {};
  return MakeError(ErrorCode::kDeadlineExceeded, "the deadline had passed before the call began");
}

bool IsHeldUnder(const internal::Record& record, const ClaimToken& token) {
  return record.claim && record.claim->token == token && !record.claim->released && !record.removed;
}

Outcome Repeated(const internal::Record& record, const Move& move) {
  Outcome outcome = internal::Applied(move.at);
  outcome.code = OutcomeCode::kConflict;
  outcome.conflict = Conflict{.stored = *record.entry,
                              .expected = move.from,
                              .advice =
                                  "this batch is applied already: roll back its repetition and go "
                                  "on from the stored position"};
  return outcome;
}

}  // namespace

Result<Batch> Batch::Make(const StoreInfo& store, std::string group, std::string_view scheme) {
  if (store.scheme != scheme) {
    return MakeError(ErrorCode::kUnsupported,
                     "the store is " + store.scheme + ":, which cannot share a transaction of a " +
                         std::string(scheme) + " connection");
  }
  OS_RETURN_IF_ERROR(internal::CheckGroup(store, group));
  return Batch(store, std::move(group));
}

Status Batch::CheckLock(std::span<const Claimed> claims, Deadline deadline) const {
  OS_RETURN_IF_ERROR(CheckDeadline(deadline));
  return internal::CheckReleases(store_, claims);
}

Status Batch::CheckMove(std::span<const Move> moves, Deadline deadline) const {
  OS_RETURN_IF_ERROR(CheckDeadline(deadline));
  OS_RETURN_IF_ERROR(internal::CheckMoves(store_, moves, Atomicity::kAll));
  for (const Move& move : moves) OS_RETURN_IF_ERROR(CheckOne(move));
  return {};
}

Status Batch::CheckOne(const Move& move) const {
  if (move.kind != Kind::kAdvance || !move.claim) {
    return Invalid("the move of " + ToString(move.at) +
                   " is no advance under a claim; inside a transaction nothing else is");
  }
  if (!move.from) {
    return Invalid("the move of " + ToString(move.at) +
                   " does not say from where (`from`); without it a repeated batch could not be "
                   "told");
  }
  const auto* from = std::get_if<Position>(&*move.from);
  if (from != nullptr && move.to <= *from) {
    return Invalid("the move of " + ToString(move.at) + " from " + std::to_string(from->value()) +
                   " to " + std::to_string(move.to.value()) +
                   " does not go forward; leave out partitions without a record");
  }
  const auto locked = locked_.find(move.at);
  if (locked == locked_.end()) {
    return Invalid(ToString(move.at) + " was not locked in this transaction");
  }
  if (locked->second == *move.claim) return {};
  return Invalid("the move of " + ToString(move.at) +
                 " names another claim than the one that was locked");
}

Status Batch::CheckStoreId(std::string_view found) const {
  if (found == store_.store_id) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   "the connection leads to another database (store id " +
                       (found.empty() ? std::string("none") : Printable(found)) +
                       ") than the store " + Printable(store_.endpoint) + " (store id " +
                       store_.store_id + "); results and positions must be in one database");
}

LockAnswer Batch::Lock(const Result<internal::Record>& found, const Claimed& claim) {
  if (!found) return {internal::Failed(claim.at, found.error()), Absent{}};
  if (!IsHeldUnder(*found, claim.token)) {
    return {internal::Fenced(claim.at, found->claim), Absent{}};
  }
  locked_.insert_or_assign(claim.at, claim.token);
  return {internal::Applied(claim.at), found->entry ? Slot(*found->entry) : Slot(Absent{})};
}

Outcome Batch::Refuse(const Result<internal::Record>& found, const Move& move, const Owner& by) {
  if (!found) return internal::Failed(move.at, found.error());
  Outcome outcome = internal::DecideMove(*found, move, by).outcome;
  if (outcome.code == OutcomeCode::kAlreadyApplied) return Repeated(*found, move);
  if (!outcome.Ok()) return outcome;
  return internal::Failed(
      move.at,
      MakeError(ErrorCode::kCorrupt,
                "a trigger, rule or policy that is not ours kept the row from being written"));
}

Error Batch::Name(Error error, std::string_view operation) const {
  if (error.scheme.empty()) error.scheme = store_.scheme;
  if (error.operation.empty()) error.operation = operation;
  return std::move(error.With("group", group_));
}

Status Batch::Name(Status status, std::string_view operation) const {
  return status ? status : Name(std::move(status).error(), operation);
}

Answers<LockAnswer> Batch::Name(Answers<LockAnswer> answers) const {
  constexpr std::string_view kOperation = "lock";
  if (!answers) return Name(std::move(answers).error(), kOperation);
  for (LockAnswer& answer : *answers) {
    std::optional<Error>& error = answer.outcome.error;
    if (error) error = Name(*std::move(error), kOperation);
  }
  return answers;
}

Answers<Outcome> Batch::Name(Answers<Outcome> answers) const {
  constexpr std::string_view kOperation = "move";
  if (!answers) return Name(std::move(answers).error(), kOperation);
  for (Outcome& outcome : *answers) {
    if (outcome.error) outcome.error = Name(*std::move(outcome.error), kOperation);
  }
  return answers;
}

}  // namespace offsetstore::sql
