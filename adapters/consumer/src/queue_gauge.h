// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

#include "offsetstore/client.h"

namespace offsetstore {

/// How many bytes of records wait for a handler, and whether that is too many.
class QueueGauge {
 public:
  /// `client` must outlive this.
  QueueGauge(std::size_t limit, Client& client) : limit_(limit), client_(client) {}

  void Add(std::size_t bytes) noexcept { bytes_ += bytes; }
  /// Wakes the poll thread where it waits for room.
  void Free(std::size_t bytes) noexcept {
    const std::size_t left = (bytes_ -= bytes);
    if (left <= limit_ / 2 && wake_when_freed_.exchange(false)) client_.Wake();
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  /// *poll*. More than the limit waits; then until it is half of it.
  [[nodiscard]] bool Choked() noexcept {
    choked_ = bytes_ > (choked_ ? limit_ / 2 : limit_);
    wake_when_freed_ = choked_;
    return choked_;
  }

 private:
  const std::size_t limit_;
  Client& client_;
  bool choked_ = false;  // Poll thread only.
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> wake_when_freed_{false};
};

}  // namespace offsetstore
