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
                 const ConsumerConfig& config,
                 EventHub& events,
                 const Handler& handler)
      : session_(session),
        store_(store),
        config_(config),
        owner_(ThisProcess(Owner::Kind::kMember, config.session.owner)),
        events_(events),
        handler_(handler) {}

  [[nodiscard]] Ending Do(std::vector<KafkaRecord> batch) override;

 private:
  /// Success where every position is stored.
  [[nodiscard]] Status Commit(const std::vector<Move>& moves);
  [[nodiscard]] Ending HandOut(std::vector<KafkaRecord>& batch);

  Session& session_;
  OffsetStore& store_;
  const ConsumerConfig& config_;
  const Owner owner_;
  EventHub& events_;
  const Handler& handler_;
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
  const Answers<Outcome> outcomes = store_.Commit(config_.session.group,
                                                  moves,
                                                  owner_,
                                                  Atomicity::kEach,
                                                  Deadline::After(config_.session.store_timeout));
  const auto is_fine = [](const Outcome& outcome) { return outcome.Ok(); };
  if (outcomes && std::ranges::all_of(*outcomes, is_fine)) return {};
  return AllApplied(outcomes);
}

BatchWork::Ending AtMostOnceWork::HandOut(std::vector<KafkaRecord>& batch) {
  for (KafkaRecord& record : batch) {
    Status handled = Guarded(handler_, static_cast<Record&>(record));
    if (handled) continue;
    const TopicPartition at{std::string(record.topic()), record.partition()};
    Error error = std::move(handled).error();
    error.With("topic", at.topic)
        .With("partition", std::to_string(at.partition))
        .With("offset", std::to_string(record.offset()));
    if (config_.on_error == OnError::kStop) return {.status = std::move(error), .by_handler = true};
    events_.Tell(EventKind::kSkipped, ToString(error), at, Position(record.offset()));
  }
  return {};
}

}  // namespace

std::unique_ptr<BatchWork> NewAtMostOnceWork(Session& session,
                                             OffsetStore& store,
                                             const ConsumerConfig& config,
                                             EventHub& events,
                                             const Handler& handler) {
  return std::make_unique<AtMostOnceWork>(session, store, config, events, handler);
}

}  // namespace offsetstore
