// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>

#include "poll_loop.h"

namespace offsetstore {

/// The style of `Poll`: what the loop found, until the user takes it.
class Inbox final : public LoopUser {
 public:
  /// Records keep `handle` alive: the user may keep one longer than the consumer.
  Inbox(std::shared_ptr<rdkafka::Handle> handle, bool report_end);

  [[nodiscard]] std::shared_ptr<Outlet> NewOutlet(const TopicPartition& at) override;
  [[nodiscard]] bool Defer(const Partitions& partitions) override;
  [[nodiscard]] bool WorksBeside() const noexcept override { return false; }
  void ReachedEnd(const TopicPartition& at) override;

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  /// `Nothing` where there is nothing.
  [[nodiscard]] Polled Take();
  /// Before the handle goes.
  void Detach();

 private:
  class Lender;

  std::shared_ptr<rdkafka::Handle> handle_;  // shared with the records
  const bool report_end_;
  std::deque<Polled> items_;
};

}  // namespace offsetstore
