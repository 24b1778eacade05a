// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/rules.h"
#include "postgres_error.h"
#include "rows.h"
#include "shared/answers.h"

namespace offsetstore::postgres {
namespace {

using internal::Record;
using Kind = Transaction::Kind;

Error BelowDurability(const std::string& warning) {
  return MakeError(ErrorCode::kUnavailable, "committed at this server, but: " + Printable(warning));
}

/// What became of a transaction, put into its answers. Errors mean that nothing was applied.
template <class Answer>
Status Settle(const Result<std::string>& warning, std::vector<Answer>& answers) {
  if (!warning && warning.error().code != ErrorCode::kInDoubt) return warning.error();
  if (!warning) {
    sql::MarkInDoubt(answers, warning.error());
  } else if (!warning->empty()) {
    sql::MarkBelowDurability(answers, BelowDurability(*warning));
  }
  return {};
}

ClaimAnswer ToAnswer(Outcome outcome) {
  return {.outcome = std::move(outcome), .token = {}, .slot = Absent{}, .previous = {}};
}

bool IsClaimedAdvance(const Move& move) {
  return move.kind == offsetstore::Kind::kAdvance && move.claim.has_value();
}

bool IsFirst(const Move& move) {
  return move.kind == offsetstore::Kind::kAdvance && !move.claim && move.from &&
         std::holds_alternative<Absent>(*move.from);
}

/// Numbers (in the sorted order) of the moves that `advance` says it moved.
std::vector<std::size_t> AdvancedIn(const PGresult* result) {
  std::vector<std::size_t> numbers;
  numbers.reserve(static_cast<std::size_t>(PQntuples(result)));
  for (int row = 0; row < PQntuples(result); ++row) {
    numbers.push_back(static_cast<std::size_t>(IntegerAt(result, row, 0) - 1));
  }
  return numbers;
}

/// The same for `insert_absent`, which can only name keys.
std::vector<std::size_t> InsertedIn(const PGresult* result, std::span<const Move* const> sorted) {
  std::vector<std::size_t> numbers;
  for (int row = 0; row < PQntuples(result); ++row) {
    const TopicPartition at{std::string(BytesAt(result, row, 0)),
                            static_cast<std::int32_t>(IntegerAt(result, row, 1))};
    const auto found =
        std::lower_bound(sorted.begin(), sorted.end(), at, [](const Move* move, const auto& key) {
          return move->at < key;
        });
    numbers.push_back(static_cast<std::size_t>(found - sorted.begin()));
  }
  return numbers;
}

}  // namespace

/// Which statement alone may do a whole batch.
enum class Writer::Shape { kClaimed, kFirst, kOther };

Writer::Shape Writer::ShapeOf(std::span<const Move> moves) {
  if (std::all_of(moves.begin(), moves.end(), IsClaimedAdvance)) return Shape::kClaimed;
  return std::all_of(moves.begin(), moves.end(), IsFirst) ? Shape::kFirst : Shape::kOther;
}

/// A commit in hand.
struct Writer::Batch {
  Scope scope;
  std::span<const Move> moves;
  const Owner& by;
  std::string writer;
  Atomicity atomicity;
  std::vector<Outcome> outcomes;  // by move
  std::vector<std::size_t> rest;  // the moves without an outcome yet

  [[nodiscard]] bool IsAll() const noexcept { return atomicity == Atomicity::kAll; }
  void Finish(const std::vector<std::size_t>& moved, const std::string& warning);
  void Fail(const Error& error);
};

void Writer::Batch::Finish(const std::vector<std::size_t>& moved, const std::string& warning) {
  std::vector<Outcome> done;
  done.reserve(moved.size());
  for (const std::size_t i : moved) done.push_back(internal::Applied(moves[i].at));
  if (!warning.empty()) sql::MarkBelowDurability(done, BelowDurability(warning));
  std::vector<bool> is_done(moves.size(), false);
  for (std::size_t n = 0; n < moved.size(); ++n) {
    outcomes[moved[n]] = std::move(done[n]);
    is_done[moved[n]] = true;
  }
  std::erase_if(rest, [&is_done](std::size_t i) { return is_done[i]; });
}

void Writer::Batch::Fail(const Error& error) {
  for (const std::size_t i : rest) outcomes[i] = internal::Failed(moves[i].at, error);
  rest.clear();
}

Result<Transaction::Finished> Writer::Send(Command command, Deadline deadline) {
  return OnConnection(backing_, deadline, [&](Connection& connection) {
    Transaction transaction(
        connection, backing_.statements, Kind::kWrite, backing_.prepare, deadline);
    return transaction.Whole({command});
  });
}

Result<std::string> Writer::Locked(
    const Scope& scope, const Keys& keys, Kind kind, Deadline deadline, const Decide& decide) {
  return OnConnection(backing_, deadline, [&](Connection& connection) {
    Transaction transaction(connection, backing_.statements, kind, backing_.prepare, deadline);
    return WriteLocked(transaction, backing_.statements, scope, keys, decide);
  });
}

Command Writer::AtOnceCommand(const Batch& batch,
                              Shape shape,
                              std::span<const Move* const> sorted) const {
  const Statements& all = backing_.statements;
  const bool claimed = shape == Shape::kClaimed;
  if (claimed) {
    return AdvanceCommand(
        batch.IsAll() ? all.advance_all : all.advance, batch.scope, sorted, batch.writer);
  }
  return InsertAbsentCommand(
      batch.IsAll() ? all.insert_absent_all : all.insert_absent, batch.scope, sorted, batch.writer);
}

Status Writer::CommitAtOnce(Batch& batch, Deadline deadline) {
  const Shape shape = ShapeOf(batch.moves);
  if (shape == Shape::kOther) return {};
  Keys keys;
  keys.reserve(batch.moves.size());
  for (const Move& move : batch.moves) keys.push_back(&move.at);
  const std::vector<std::size_t> order = SortedByKey(keys);
  std::vector<const Move*> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(&batch.moves[i]);
  const Result<Transaction::Finished> finished =
      Send(AtOnceCommand(batch, shape, sorted), deadline);
  // Then nothing was moved, and why is still to be said.
  if (!finished && batch.IsAll() && IsNotAll(finished.error())) return {};
  if (!finished) return finished.error();
  std::vector<std::size_t> moved = order;
  if (!batch.IsAll()) {
    const PGresult* result = finished->results.front().get();
    moved = shape == Shape::kClaimed ? AdvancedIn(result) : InsertedIn(result, sorted);
    std::transform(moved.begin(), moved.end(), moved.begin(), [&order](std::size_t number) {
      return order[number];
    });
  }
  batch.Finish(moved, finished->warning);
  return {};
}

Status Writer::CommitLocked(Batch& batch, Deadline deadline) {
  Keys keys;
  for (const std::size_t i : batch.rest) keys.push_back(&batch.moves[i].at);
  std::vector<Outcome> outcomes;
  const auto decide = [&](std::span<const Found> rows) {
    outcomes.clear();
    std::vector<std::optional<Record>> next(rows.size());
    for (std::size_t n = 0; n < rows.size(); ++n) {
      const Move& move = batch.moves[batch.rest[n]];
      if (!rows[n]) {
        outcomes.push_back(internal::Failed(move.at, rows[n].error()));
        continue;
      }
      internal::Decision decision = internal::DecideMove(*rows[n], move, batch.by);
      outcomes.push_back(std::move(decision.outcome));
      next[n] = std::move(decision.next);
    }
    if (batch.IsAll() && !internal::RefuseUnlessAll(outcomes)) next.assign(rows.size(), {});
    return next;
  };
  // A set takes the claim away from its holder, which must last as a claim does.
  const bool sets = std::any_of(batch.moves.begin(), batch.moves.end(), [](const Move& move) {
    return move.kind == offsetstore::Kind::kSet;
  });
  const Kind kind = sets ? Kind::kWriteDurable : Kind::kWrite;
  OS_RETURN_IF_ERROR(Settle(Locked(batch.scope, keys, kind, deadline, decide), outcomes));
  for (std::size_t n = 0; n < outcomes.size(); ++n) {
    batch.outcomes[batch.rest[n]] = std::move(outcomes[n]);
  }
  batch.rest.clear();
  return {};
}

Answers<Outcome> Writer::Commit(std::string_view group,
                                std::span<const Move> moves,
                                const Owner& by,
                                Atomicity atomicity,
                                Deadline deadline) {
  Batch batch{.scope = {backing_.space, group},
              .moves = moves,
              .by = by,
              .writer = internal::Signature(by),
              .atomicity = atomicity,
              .outcomes = std::vector<Outcome>(moves.size()),
              .rest = {}};
  for (std::size_t i = 0; i < moves.size(); ++i) batch.rest.push_back(i);
  Status done = CommitAtOnce(batch, deadline);
  if (done && !batch.rest.empty()) done = CommitLocked(batch, deadline);
  // Where some moved already, or may have, the others have an answer each.
  if (!done && batch.rest.size() == moves.size() && done.error().code != ErrorCode::kInDoubt) {
    return std::move(done).error();
  }
  if (!done) batch.Fail(done.error());
  return std::move(batch.outcomes);
}

template <class Answer, class Request, class Judge>
Answers<Answer> Writer::JudgeLocked(std::string_view group,
                                    std::span<const Request> requests,
                                    Kind kind,
                                    Deadline deadline,
                                    Judge judge) {
  Keys keys;
  for (const Request& request : requests) keys.push_back(&request.at);
  std::vector<Answer> answers;
  const auto decide = [&](std::span<const Found> rows) {
    answers.clear();
    std::vector<std::optional<Record>> next;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto [answer, record] = judge(rows[i], requests[i]);
      answers.push_back(std::move(answer));
      next.push_back(std::move(record));
    }
    return next;
  };
  OS_RETURN_IF_ERROR(
      Settle(Locked({backing_.space, group}, keys, kind, deadline, decide), answers));
  return answers;
}

Answers<ClaimAnswer> Writer::Claim(std::string_view group,
                                   std::span<const ClaimRequest> requests,
                                   const Owner& by,
                                   Deadline deadline) {
  using Judged = std::pair<ClaimAnswer, std::optional<Record>>;
  const auto judge = [&by](const Found& row, const ClaimRequest& request) -> Judged {
    if (!row) return {ToAnswer(internal::Failed(request.at, row.error())), {}};
    internal::Decision decision = internal::DecideClaim(*row, request, by);
    std::optional<Record> next = decision.next;
    return {internal::ToClaimAnswer(std::move(decision), *row), std::move(next)};
  };
  return JudgeLocked<ClaimAnswer>(group, requests, Kind::kWriteDurable, deadline, judge);
}

namespace {

using JudgedOutcome = std::pair<Outcome, std::optional<Record>>;

template <class Request, class Rule>
JudgedOutcome JudgeBy(const Found& row, const Request& request, Rule rule) {
  if (!row) return {internal::Failed(request.at, row.error()), {}};
  internal::Decision decision = rule(*row, request);
  return {std::move(decision.outcome), std::move(decision.next)};
}

}  // namespace

Answers<Outcome> Writer::Release(std::string_view group,
                                 std::span<const Claimed> claims,
                                 Deadline deadline) {
  const auto judge = [](const Found& row, const Claimed& claim) {
    return JudgeBy(row, claim, internal::DecideRelease);
  };
  return JudgeLocked<Outcome>(group, claims, Kind::kWriteDurable, deadline, judge);
}

Answers<Outcome> Writer::Remove(std::string_view group,
                                std::span<const Removal> removals,
                                const Owner& by,
                                Deadline deadline) {
  const auto judge = [&by](const Found& row, const Removal& removal) {
    return JudgeBy(row, removal, [&by](const Record& record, const Removal& one) {
      return internal::DecideRemoval(record, one, by);
    });
  };
  return JudgeLocked<Outcome>(group, removals, Kind::kWriteDurable, deadline, judge);
}

}  // namespace offsetstore::postgres
