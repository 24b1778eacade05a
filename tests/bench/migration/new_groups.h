// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions of many groups in Kafka, written and read by librdkafka's admin calls.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "old_tree.h"
#include "rdkafka/handle.h"

namespace offsetstore::bench {

inline constexpr const char* kKafka = "OFFSETSTORE_TEST_KAFKA";
/// As many as `offsetctl` opens: a broker answers one request of a connection at a time.
inline constexpr std::size_t kHandles = 8;

/// Handles, a thread for each, and groups spread over them.
class NewGroups {
 public:
  NewGroups();

  void Write(std::span<const OldGroup> groups) const;
  /// What the groups hold of those partitions.
  [[nodiscard]] std::vector<OldGroup> Read(std::span<const OldGroup> groups) const;
  /// How many groups the cluster has that are not without members.
  [[nodiscard]] std::size_t CountLive() const;

 private:
  using Send = std::function<void(rd_kafka_t*, rd_kafka_queue_t*, std::size_t&)>;
  using Take = std::function<void(const rd_kafka_event_t*, std::size_t)>;
  void ForEach(std::size_t count, const Send& send, const Take& take) const;

  std::vector<std::unique_ptr<rdkafka::Handle>> handles_;
};

}  // namespace offsetstore::bench
