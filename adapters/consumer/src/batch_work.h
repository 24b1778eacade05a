// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "consumer_config.h"
#include "event_hub.h"
#include "member_port.h"
#include "offsetstore/consumer.h"
#include "offsetstore/session.h"
#include "record.h"

namespace offsetstore {

/// What is done with one batch of records.
class BatchWork {
 public:
  BatchWork() = default;
  BatchWork(const BatchWork&) = delete;
  BatchWork& operator=(const BatchWork&) = delete;
  virtual ~BatchWork() = default;

  struct Ending {
    Status status;
    bool by_handler = false;  ///< The user's handler failed.
    bool for_good = false;    ///< No other batch can go better.
    std::size_t records = 0;  ///< How many are done.
  };
  /// Whatever it returns, the session knows what became of the records.
  [[nodiscard]] virtual Ending Do(std::vector<KafkaRecord> batch) = 0;
};

/// The batch's moves in the session: asked for at once, and answered for at once.
class BatchMoves {
 public:
  explicit BatchMoves(Session& session) : session_(session) {}

  /// Takes the moves for `batch`, from which it removes what is not held any more.
  [[nodiscard]] Status Plan(std::vector<KafkaRecord>& batch);
  [[nodiscard]] const std::vector<Move>& moves() const noexcept { return moves_; }
  /// They are stored: the records are done.
  void Applied(std::vector<KafkaRecord>& batch);
  /// They are not, or nobody knows: the records come again where that is so.
  void Refused(std::vector<KafkaRecord>& batch, const Error& why);

 private:
  Session& session_;
  std::vector<Move> moves_;
};

/// Exactly once: results and positions in one transaction of the caller's database.
[[nodiscard]] std::unique_ptr<BatchWork> NewTransactionWork(Session& session,
                                                            const OffsetStore& store,
                                                            const SessionOptions& options,
                                                            const OpenTransactional& open,
                                                            const BatchHandler& handler);

/// Exactly once from Kafka to Kafka. Opens the producer, by `store_timeout`.
[[nodiscard]] Result<std::unique_ptr<BatchWork>> NewOutputWork(Session& session,
                                                               MemberPort& port,
                                                               const SessionOptions& options,
                                                               const OutputHandler& handler);

/// At most once: positions are stored before a record of the batch is handed out.
[[nodiscard]] std::unique_ptr<BatchWork> NewAtMostOnceWork(Session& session,
                                                           OffsetStore& store,
                                                           const ConsumerConfig& config,
                                                           EventHub& events,
                                                           const Handler& handler);

}  // namespace offsetstore
