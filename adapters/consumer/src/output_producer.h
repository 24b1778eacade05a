// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "offsetstore/consumer.h"
#include "rdkafka/handle.h"
#include "rdkafka/partition_list.h"

namespace offsetstore {

struct DestroyGroupMetadata {
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const noexcept {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
};
/// Group, member and generation, by which the coordinator tells whether a transaction may move
/// positions.
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t, DestroyGroupMetadata>;

/// `Unavailable` while the consumer is no member of its group: the coordinator checks no generation
/// of a transaction that names none (Kafka, `ClassicGroup.validateOffsetCommit`).
[[nodiscard]] Result<GroupMetadata> MembershipOf(rd_kafka_t* consumer);

/// For the producer of `consumer`'s results: the same brokers and rights, the user's keys of the
/// producer. `transactional.id` is `group.instance.id` where it is not written.
[[nodiscard]] Result<rdkafka::Conf> OutputConfOf(rd_kafka_t* consumer);
/// Success where what that consumer processes may be written exactly once.
[[nodiscard]] Status CheckOutput(const rdkafka::Conf& conf);

/// One producer's transactions, one after the other. After any error: `Abort`, and where that
/// answers false, another producer, whose `Open` ends what this one left open.
/// Threads: one.
class OutputProducer final : public Output {
 public:
  /// Fences every earlier producer with the same `transactional.id` and ends its transaction:
  /// committed where its commit had begun, else aborted. `ConfigInvalid` with librdkafka's reason.
  [[nodiscard]] static Result<std::unique_ptr<OutputProducer>> Open(rdkafka::Conf conf,
                                                                    Deadline deadline);

  [[nodiscard]] Status Begin();
  [[nodiscard]] Status Produce(const OutputRecord& record) override;
  /// What made `Produce` fail in this transaction, which cannot be committed any more.
  [[nodiscard]] const std::optional<Error>& refused() const noexcept { return refused_; }

  /// Moves the positions and commits. `InDoubt`: it may still be committed.
  [[nodiscard]] Status Commit(const rdkafka::PartitionList& positions,
                              const rd_kafka_consumer_group_metadata_t& member);
  /// Whether no transaction is open (any more), and another may begin.
  [[nodiscard]] bool Abort();

  /// Another producer has the `transactional.id`: opening one more would fence that one.
  [[nodiscard]] bool fenced() const noexcept { return state_ == State::kFenced; }
  /// Not the record's fault but the transaction's.
  [[nodiscard]] bool broken() const noexcept { return state_ != State::kUsable; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t {
    kUsable,
    kSpent,  ///< Of no use any more; another one may take its place.
    kFenced,
  };

  explicit OutputProducer(Duration timeout) : timeout_(timeout) {}
  static void NoteDelivery(rd_kafka_t* producer, const rd_kafka_message_t* message, void* opaque);

  [[nodiscard]] Status Init(Deadline deadline);
  [[nodiscard]] Status SendPositions(const rdkafka::PartitionList& positions,
                                     const rd_kafka_consumer_group_metadata_t& member);
  /// What an error of librdkafka's means; takes note of what it means for this producer.
  [[nodiscard]] Error Judge(const rd_kafka_error_t& failed, std::string_view what);
  [[nodiscard]] Error JudgeFence(std::string_view what);

  const Duration timeout_;  ///< `transaction.timeout.ms`.
  std::unique_ptr<rdkafka::Handle> handle_;
  State state_ = State::kUsable;
  bool open_ = false;  ///< A transaction.
  Clock::time_point begun_{};
  std::optional<Error> refused_;
  std::optional<Error> undelivered_;  ///< The first record that no broker took.
};

}  // namespace offsetstore
