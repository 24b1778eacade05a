// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "poll_loop.h"

namespace offsetstore {

/// Who works on the records beside the poll thread, in a style of `Run`.
class RunStyle : public LoopUser {
 public:
  [[nodiscard]] bool Defer(const Partitions& /*partitions*/) override { return false; }
  [[nodiscard]] bool WorksBeside() const noexcept override { return true; }
  void ReachedEnd(const TopicPartition& /*at*/) override {}

  /// *poll*. Hands out what the outlets took since the last call.
  virtual void Flush() = 0;
  /// *poll*. Whether more waits than should; with hysteresis.
  [[nodiscard]] virtual bool Choked() noexcept = 0;

  /// Nothing more is begun; what is in work goes on. Any thread.
  virtual void BeginStop() = 0;
  /// Waits for what is in work, however long the handler takes.
  virtual void Join() = 0;

  /// The error that ends the run. Any thread.
  [[nodiscard]] virtual std::optional<Error> Failure() const = 0;
  /// Whether the run ends by itself: by a failure, or since all is done. Any thread.
  [[nodiscard]] virtual bool Over() const noexcept = 0;
};

}  // namespace offsetstore
