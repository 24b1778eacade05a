// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <utility>

#include "offsetstore/consumer.h"
#include "rdkafka/handle.h"

namespace offsetstore {

/// A record as librdkafka fetched it: nothing is copied. Movable, so that batches are plain
/// vectors. Must be gone before its handle is.
class KafkaRecord final : public Record {
 public:
  KafkaRecord(rdkafka::Event event, const rd_kafka_message_t& message, Ticket ticket) noexcept
      : event_(std::move(event)), message_(&message), ticket_(std::move(ticket)) {}
  KafkaRecord(KafkaRecord&& other) noexcept
      : event_(std::move(other.event_)),
        message_(other.message_),
        ticket_(std::move(other.ticket_)) {}
  KafkaRecord& operator=(KafkaRecord&& other) noexcept;
  KafkaRecord(const KafkaRecord&) = delete;
  KafkaRecord& operator=(const KafkaRecord&) = delete;
  ~KafkaRecord() override = default;

  [[nodiscard]] std::string_view topic() const noexcept override {
    return rd_kafka_topic_name(message_->rkt);
  }
  [[nodiscard]] std::int32_t partition() const noexcept override { return message_->partition; }
  [[nodiscard]] std::int64_t offset() const noexcept override { return message_->offset; }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept override;
  [[nodiscard]] std::optional<std::string_view> value() const noexcept override;
  [[nodiscard]] std::optional<Time> timestamp() const noexcept override;
  [[nodiscard]] std::vector<Header> headers() const override;
  [[nodiscard]] bool Held() const noexcept override { return ticket_.Held(); }
  void Done() noexcept override { ticket_.Done(); }

  /// What it holds of memory, ours and librdkafka's, about.
  [[nodiscard]] std::size_t footprint() const noexcept {
    constexpr std::size_t kOverhead = 256;
    return message_->len + message_->key_len + kOverhead;
  }
  [[nodiscard]] const Ticket& ticket() const noexcept { return ticket_; }
  [[nodiscard]] Ticket TakeTicket() noexcept { return std::move(ticket_); }

 private:
  rdkafka::Event event_;  // Owns the message.
  const rd_kafka_message_t* message_;
  Ticket ticket_;
};

}  // namespace offsetstore
