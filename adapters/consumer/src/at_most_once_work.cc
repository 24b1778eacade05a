// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "batch_work.h"
#include "guarded.h"

namespace offsetstore {
namespace {

class AtMostOnceWork final : public BatchWork {
 public:
  AtMostOnceWork(Session& session,
                 OffsetStore& store,
                 const SessionOptions& options,
                 const std::function<Status(Record&)>& handler)
      : session_(session),
        store_(store),
        options_(options),
        owner_(ThisProcess(Owner::Kind::kMember, options.owner)),
        handler_(handler) {}

  [[nodiscard]] Ending Do(std::vector<KafkaRecord> batch) override;

 private:
  /// Success where every position is stored.
  [[nodiscard]] Status Commit(const std::vector<Move>& moves);
  [[nodiscard]] Ending HandOut(std::vector<KafkaRecord>& batch);

  Session& session_;
  OffsetStore& store_;
  const SessionOptions& options_;
  const Owner owner_;
  const std::function<Status(Record&)>& handler_;
};

// One partition's refusal drops the whole batch: a record may be lost here, never handed out twice.
BatchWork::Ending AtMostOnceWork::Do(std::vector<KafkaRecord> batch) {
  BatchMoves moves(session_);
  if (Status planned = moves.Plan(batch); !planned) return {.status = std::move(planned)};
  if (batch.empty()) return {};
  if (Status stored = Commit(moves.moves()); !stored) {
    moves.Refused(batch, stored.error());
    return {.status = std::move(stored)};
  }
  Ending ending = HandOut(batch);
  moves.Applied(batch);
  return ending;
}

Status AtMostOnceWork::Commit(const std::vector<Move>& moves) {
  return AllApplied(store_.Commit(options_.group,
                                  moves,
                                  owner_,
                                  Atomicity::kEach,
                                  Deadline::After(options_.store_timeout)));
}

BatchWork::Ending AtMostOnceWork::HandOut(std::vector<KafkaRecord>& batch) {
  for (KafkaRecord& record : batch) {
    if (Status handled = Guarded(handler_, static_cast<Record&>(record)); !handled) {
      Error error = std::move(handled).error();
      error.With("topic", std::string(record.topic()))
          .With("partition", std::to_string(record.partition()))
          .With("offset", std::to_string(record.offset()));
      return {.status = std::move(error), .by_handler = true};
    }
  }
  return {};
}

}  // namespace

std::unique_ptr<BatchWork> NewAtMostOnceWork(Session& session,
                                             OffsetStore& store,
                                             const SessionOptions& options,
                                             const std::function<Status(Record&)>& handler) {
  return std::make_unique<AtMostOnceWork>(session, store, options, handler);
}

}  // namespace offsetstore
