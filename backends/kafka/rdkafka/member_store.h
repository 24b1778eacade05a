// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>

#include "offsetstore/store.h"

namespace offsetstore::rdkafka {

/// The consumer whose own handle a member store commits through; implemented by the adapter.
/// Threads: any.
class MemberPort {
 public:
  MemberPort() = default;
  MemberPort(const MemberPort&) = delete;
  MemberPort& operator=(const MemberPort&) = delete;
  virtual ~MemberPort() = default;

  /// Keeps the handle alive while a call uses it; null once the consumer is closed. The owner must
  /// not destroy the handle before every pointer taken here is gone.
  [[nodiscard]] virtual std::shared_ptr<rd_kafka_t> Handle() = 0;

  /// Constant.
  [[nodiscard]] virtual const std::string& Group() const noexcept = 0;
  [[nodiscard]] virtual const std::string& ClusterId() const noexcept = 0;

  /// Another number after every rebalance that changed what is assigned: what this store remembers
  /// of stored positions is forgotten then, since another member may have moved them.
  [[nodiscard]] virtual std::uint64_t Assignment() const noexcept = 0;

  /// The member asked its group for the next generation and has not got it yet: nothing is sent
  /// meanwhile.
  [[nodiscard]] virtual bool Joining() = 0;
};

/// Kafka's own store through the consumer that is a member of the group, so that the coordinator's
/// generation check guards the commits. Bare: wrap it by `WithLayers`.
///
/// - `kFenced` without a holder: the coordinator does not know this member or generation any more;
///   librdkafka gives the whole assignment up and joins again by itself.
/// - `kFailed` with `Unavailable` and `kAfterNewClaim`: a rebalance is running, nothing is applied,
///   most often nothing was sent; commit again after it, if the partition is still held.
/// - `kFailed` with `InDoubt`: no answer in time. The commit may land later, also after a newer
///   one: join again (a new generation) before the next commit of that partition.
/// - A commit that would move a position backwards is `kConflict`, judged by what this handle read
///   or committed in the same assignment.
/// - A group other than the member's, listing groups, claims and removing are refused.
///
/// Every call is bounded by its deadline. `Close` leaves the consumer alone.
[[nodiscard]] std::unique_ptr<OffsetStore> OpenKafkaMemberStore(std::shared_ptr<MemberPort> port);

}  // namespace offsetstore::rdkafka
