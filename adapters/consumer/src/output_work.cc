// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once from Kafka to Kafka: results and positions in one transaction of the brokers.
#include <utility>

#include "batch_work.h"
#include "guarded.h"
#include "internal/macros.h"
#include "output_producer.h"
#include "rdkafka/stored.h"

namespace offsetstore {
namespace {

class OutputWork final : public BatchWork {
 public:
  OutputWork(Session& session,
             MemberPort& port,
             const SessionOptions& options,
             const OutputHandler& handler)
      : session_(session), port_(port), options_(options), handler_(handler) {}

  [[nodiscard]] Status OpenProducer();
  [[nodiscard]] Ending Do(std::vector<KafkaRecord> batch) override;

 private:
  [[nodiscard]] Result<std::shared_ptr<rd_kafka_t>> TheConsumer();
  [[nodiscard]] Result<GroupMetadata> Membership();
  [[nodiscard]] Ending Transact(std::vector<KafkaRecord>& batch,
                                const std::vector<Move>& moves,
                                const Result<GroupMetadata>& member);
  [[nodiscard]] Status Begin();
  /// False: another producer has the `transactional.id`, which is left to it.
  [[nodiscard]] bool EndTransaction();

  Session& session_;
  MemberPort& port_;
  const SessionOptions& options_;
  const OutputHandler& handler_;
  std::unique_ptr<OutputProducer> producer_;
};

Result<std::shared_ptr<rd_kafka_t>> OutputWork::TheConsumer() {
  std::shared_ptr<rd_kafka_t> consumer = port_.Handle();
  if (consumer == nullptr) return MakeError(ErrorCode::kUnavailable, "the consumer is closed");
  return consumer;
}

Status OutputWork::OpenProducer() {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rd_kafka_t> consumer, TheConsumer());
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, OutputConfOf(consumer.get()));
  OS_ASSIGN_OR_RETURN(
      producer_, OutputProducer::Open(std::move(conf), Deadline::After(options_.store_timeout)));
  return {};
}

Result<GroupMetadata> OutputWork::Membership() {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rd_kafka_t> consumer, TheConsumer());
  return MembershipOf(consumer.get());
}

// The membership comes before the moves: what is held after it was asked for is guarded by it,
// since a partition goes to somebody else only in a later generation. Asked for later, it could be
// that of a group which has given the batch's partitions away meanwhile.
BatchWork::Ending OutputWork::Do(std::vector<KafkaRecord> batch) {
  const Result<GroupMetadata> member = Membership();
  BatchMoves moves(session_);
  if (Status planned = moves.Plan(batch); !planned) return {.status = std::move(planned)};
  if (batch.empty()) return {};
  Ending ending = Transact(batch, moves.moves(), member);
  if (ending.status) {
    moves.Applied(batch);
    return ending;
  }
  // First the end of the transaction, which a read of the positions would wait for; then the
  // session.
  const bool alone = EndTransaction();
  ending.for_good = !alone || ending.status.error().code == ErrorCode::kFenced;
  moves.Refused(batch, ending.status.error());
  return ending;
}

BatchWork::Ending OutputWork::Transact(std::vector<KafkaRecord>& batch,
                                       const std::vector<Move>& moves,
                                       const Result<GroupMetadata>& member) {
  if (!member) return {.status = member.error()};
  if (Status begun = Begin(); !begun) return {.status = std::move(begun)};
  std::vector<Record*> records;
  records.reserve(batch.size());
  for (KafkaRecord& record : batch) records.push_back(&record);
  Output& output = *producer_;
  Status handled = Guarded(handler_, std::span<Record* const>(records), output);
  if (producer_->broken()) return {.status = *producer_->refused()};
  // A record that was refused is a result that is missing, whatever the handler made of it.
  if (handled && producer_->refused()) handled = *producer_->refused();
  if (!handled) return {.status = std::move(handled), .by_handler = true};
  rdkafka::PartitionList positions(moves.size());
  for (const Move& move : moves) rdkafka::AddMove(positions, move);
  return {.status = producer_->Commit(positions, **member)};
}

Status OutputWork::Begin() {
  if (producer_ == nullptr) OS_RETURN_IF_ERROR(OpenProducer());
  return producer_->Begin();
}

bool OutputWork::EndTransaction() {
  if (producer_ == nullptr || producer_->Abort()) return true;
  const bool fenced = producer_->fenced();
  producer_.reset();
  // At once, since what is open holds back whoever reads the positions or the results. Where it
  // fails, the next batch tries again, and tells.
  if (fenced) return false;
  const Status opened = OpenProducer();
  return opened || opened.error().code != ErrorCode::kFenced;
}

}  // namespace

Result<std::unique_ptr<BatchWork>> NewOutputWork(Session& session,
                                                 MemberPort& port,
                                                 const SessionOptions& options,
                                                 const OutputHandler& handler) {
  auto work = std::make_unique<OutputWork>(session, port, options, handler);
  // Before anything is read: a transaction that a killed predecessor left open hides positions.
  OS_RETURN_IF_ERROR(work->OpenProducer());
  return std::unique_ptr<BatchWork>(std::move(work));
}

}  // namespace offsetstore
