// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "batch_work.h"
#include "consumer_config.h"
#include "event_hub.h"
#include "inbox.h"
#include "kafka_client.h"
#include "member_port.h"
#include "mirror.h"
#include "offsetstore/consumer.h"
#include "poll_loop.h"
#include "run_style.h"

namespace offsetstore {

/// What `Consumer::Open` opened, in the order in which it depends on each other.
struct ConsumerParts {
  ConsumerConfig config;
  std::shared_ptr<Mirror> mirror;           // shared by the hub and the loop; may be null
  std::shared_ptr<EventHub> events;         // shared with the session
  std::shared_ptr<rdkafka::Handle> handle;  // shared with the port and the user's records
  std::shared_ptr<MemberPort> port;         // shared with the store; null but for Kafka's own
  std::shared_ptr<OffsetStore> store;       // shared with the session
  std::shared_ptr<KafkaClient> client;      // shared with the session
  std::uint64_t max_records = 0;            // of `ConsumerOptions`
};

[[nodiscard]] Result<ConsumerParts> OpenParts(const Properties& properties,
                                              const ConsumerOptions& options);

class ConsumerImpl final : public Consumer {
 public:
  explicit ConsumerImpl(ConsumerParts parts);
  ~ConsumerImpl() override;
  ConsumerImpl(const ConsumerImpl&) = delete;
  ConsumerImpl& operator=(const ConsumerImpl&) = delete;

  [[nodiscard]] Status Init();

  [[nodiscard]] Status Run(const Handler& handler, std::stop_token stop) override;
  [[nodiscard]] Status RunTransactions(const OpenTransactional& open,
                                       const BatchHandler& handler,
                                       std::stop_token stop) override;
  [[nodiscard]] Status RunToKafka(const OutputHandler& handler, std::stop_token stop) override;
  [[nodiscard]] Result<Polled> Poll(Duration wait) override;
  [[nodiscard]] Status Close(Deadline deadline) override;
  [[nodiscard]] ConsumerState State() const override;

 private:
  /// Success where the consumer is new and `style` is one that delivers as it is configured to.
  [[nodiscard]] Status CheckStyle(std::string_view style) const;
  [[nodiscard]] Status RunBatches(std::unique_ptr<BatchWork> work,
                                  std::uint64_t most,
                                  const std::stop_token& stop);
  [[nodiscard]] Status Begin(LoopUser& user);
  void TellGuarantee();
  [[nodiscard]] Status RunAs(RunStyle& style, const std::stop_token& stop);
  void Consume(RunStyle& style, const std::stop_token& stop);
  /// Drains, commits, releases, leaves the group.
  [[nodiscard]] Status Leave(Deadline deadline);
  /// Lets go of librdkafka.
  void Drop();
  void AddLag(ConsumerState& state) const;

  enum class Phase : std::uint8_t { kNew, kRunning, kPolling, kClosed };

  ConsumerParts parts_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<PollLoop> loop_;
  Phase phase_ = Phase::kNew;
  mutable std::mutex state_mutex_;  // Guards `parts_.handle` against `State` on another thread.
};

}  // namespace offsetstore
