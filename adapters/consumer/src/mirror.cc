// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "mirror.h"

#include <utility>

#include "rdkafka/partition_list.h"

namespace offsetstore {
namespace {

/// A commit whose answer never comes (librdkafka can lose one) must not end the mirror.
constexpr std::chrono::seconds kGivenUp{60};

}  // namespace

void Mirror::Note(const Event& event) noexcept {
  if (event.kind != EventKind::kCommitted || !event.at || !event.position) return;
  const std::lock_guard lock(mutex_);
  fresh_[*event.at] = *event.position;
}

std::optional<std::string> Mirror::Send(rd_kafka_t* consumer) {
  std::optional<std::string> failed = Collect(Duration::zero());
  if (sent_) return failed;
  std::map<TopicPartition, Position> offsets;
  {
    const std::lock_guard lock(mutex_);
    offsets = std::exchange(fresh_, {});
  }
  if (offsets.empty()) return failed;
  rdkafka::PartitionList list(offsets.size());
  for (const auto& [at, position] : offsets) list.Add(at, position.value());
  if (!replies_) replies_.emplace(consumer);
  const rd_kafka_resp_err_t native =
      rd_kafka_commit_queue(consumer, list.get(), replies_->get(), nullptr, nullptr);
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(native);
  sent_ = std::chrono::steady_clock::now();
  return failed;
}

std::optional<std::string> Mirror::Finish(rd_kafka_t* consumer, Deadline deadline) {
  if (sent_) static_cast<void>(Collect(deadline.Remaining()));  // Newer ones follow at once.
  std::optional<std::string> failed = Send(consumer);
  if (sent_) failed = Collect(deadline.Remaining());
  return failed;
}

std::optional<std::string> Mirror::Collect(Duration wait) {
  if (!sent_) return std::nullopt;
  const rdkafka::Event reply = replies_->Poll(wait);
  if (reply == nullptr) {
    if (std::chrono::steady_clock::now() - *sent_ < kGivenUp) return std::nullopt;
    sent_.reset();
    return "no answer";
  }
  sent_.reset();
  const rd_kafka_resp_err_t native = rd_kafka_event_error(reply.get());
  if (native == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return rd_kafka_err2str(native);
}

}  // namespace offsetstore
