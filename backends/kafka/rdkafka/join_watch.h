// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>

#include "rdkafka/conf.h"

namespace offsetstore::rdkafka {

/// Whether a member is between two generations of its classic group: from sending JoinGroup until
/// SyncGroup is answered. librdkafka has no call that tells; its statistics do, a second later.
/// Threads: any.
class JoinWatch {
 public:
  /// Watches the handle that is made of `conf`; must outlive that handle.
  void Watch(Conf& conf);

  [[nodiscard]] bool Joining() const noexcept { return joining_; }

  void Sent(std::int16_t request) noexcept;
  void Answered(std::int16_t request) noexcept;

 private:
  std::atomic<bool> joining_ = false;
};

}  // namespace offsetstore::rdkafka
