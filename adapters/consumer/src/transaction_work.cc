// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "batch_work.h"
#include "guarded.h"
#include "internal/macros.h"

namespace offsetstore {
namespace {

class TransactionWork final : public BatchWork {
 public:
  TransactionWork(Session& session,
                  const OffsetStore& store,
                  const SessionOptions& options,
                  const OpenTransactional& open,
                  const BatchHandler& handler)
      : session_(session),
        store_(store),
        options_(options),
        owner_(ThisProcess(Owner::Kind::kMember, options.owner)),
        open_(open),
        handler_(handler) {}

  [[nodiscard]] Ending Do(std::vector<KafkaRecord> batch) override;

 private:
  [[nodiscard]] Ending Transact(std::vector<KafkaRecord>& batch, const std::vector<Move>& moves);
  [[nodiscard]] Status Open();
  [[nodiscard]] Status Begin();
  [[nodiscard]] Status Lock(const std::vector<Move>& moves);
  [[nodiscard]] Deadline Bound() const { return Deadline::After(options_.store_timeout); }

  Session& session_;
  const OffsetStore& store_;
  const SessionOptions& options_;
  const Owner owner_;
  const OpenTransactional& open_;
  const BatchHandler& handler_;
  std::unique_ptr<TransactionalPositions> positions_;
};

/// Whether the slot holds what the batch begins at.
bool IsFrom(const Slot& slot, const From& from) {
  const auto* entry = std::get_if<Entry>(&slot);
  const auto* position = std::get_if<Position>(&from);
  if (entry == nullptr) return position == nullptr;
  return position != nullptr && entry->position == *position;
}

Error StoredElse(const TopicPartition& at, const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  const std::string stored = entry == nullptr ? "nothing" : std::to_string(entry->position.value());
  return MakeError(ErrorCode::kConflict,
                   ToString(at) + ": " + stored +
                       " is stored, which is not where the batch begins; going on from there");
}

Error AndThen(Error first, const Error& second) {
  first.message += "; then: " + second.message;
  return first;
}

BatchWork::Ending TransactionWork::Do(std::vector<KafkaRecord> batch) {
  BatchMoves moves(session_);
  if (Status planned = moves.Plan(batch); !planned) return {.status = std::move(planned)};
  if (batch.empty()) return {};
  Ending ending = Transact(batch, moves.moves());
  if (ending.status) {
    ending.records = batch.size();
    moves.Applied(batch);
    return ending;
  }
  // First the end of the transaction, whose locks a claim would wait for, by a new connection where
  // it must be; then the session.
  if (positions_ != nullptr) positions_->Rollback();
  positions_.reset();
  if (Status opened = Open(); !opened && !ending.by_handler) {
    ending.status = AndThen(std::move(ending.status).error(), opened.error());
  }
  moves.Refused(batch, ending.status.error());
  return ending;
}

BatchWork::Ending TransactionWork::Transact(std::vector<KafkaRecord>& batch,
                                            const std::vector<Move>& moves) {
  if (Status begun = Begin(); !begun) return {.status = std::move(begun)};
  if (Status locked = Lock(moves); !locked) return {.status = std::move(locked)};
  std::vector<Record*> records;
  records.reserve(batch.size());
  for (KafkaRecord& record : batch) records.push_back(&record);
  if (Status handled = Guarded(handler_, std::span<Record* const>(records)); !handled) {
    return {.status = std::move(handled), .by_handler = true};
  }
  if (Status moved = AllApplied(positions_->Move(moves, owner_, Bound())); !moved) {
    return {.status = std::move(moved)};
  }
  return {.status = positions_->Commit(Bound())};
}

Status TransactionWork::Open() {
  if (positions_ != nullptr) return {};
  OS_ASSIGN_OR_RETURN(positions_,
                      CallGuarded("opening", open_, store_.Info(), options_.group, Bound()));
  if (positions_ != nullptr) return {};
  return MakeError(ErrorCode::kInvalidArgument, "the database was opened without its positions");
}

Status TransactionWork::Begin() {
  OS_RETURN_IF_ERROR(Open());
  return positions_->Begin(Bound());
}

Status TransactionWork::Lock(const std::vector<Move>& moves) {
  std::vector<Claimed> claims;
  claims.reserve(moves.size());
  for (const Move& move : moves) claims.push_back({.at = move.at, .token = *move.claim});
  const Answers<LockAnswer> locked = positions_->Lock(claims, Bound());
  OS_RETURN_IF_ERROR(AllApplied(locked));
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const LockAnswer& answer = (*locked)[i];
    if (!IsFrom(answer.slot, *moves[i].from)) return StoredElse(moves[i].at, answer.slot);
  }
  return {};
}

}  // namespace

std::unique_ptr<BatchWork> NewTransactionWork(Session& session,
                                              const OffsetStore& store,
                                              const SessionOptions& options,
                                              const OpenTransactional& open,
                                              const BatchHandler& handler) {
  return std::make_unique<TransactionWork>(session, store, options, open, handler);
}

}  // namespace offsetstore
