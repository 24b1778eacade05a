// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "offsetstore/consumer.h"
#include "record_format.h"
#include "sink.h"

namespace offsetstore::cli {

/// Records on their way to a sink: formatted, written in batches, and done only when their bytes
/// are safe there. One thread.
class Delivery {
 public:
  Delivery(RecordFormat format, Sink& sink) : format_(std::move(format)), sink_(sink) {}

  /// Adds a record to the batch in hand, and writes the batch when it is large.
  [[nodiscard]] Status Take(std::unique_ptr<Record> record);
  /// Writes the batch in hand.
  [[nodiscard]] Status Flush();
  /// Marks as done what is safe by now.
  void Acknowledge();
  /// Lets go of what is not safe: it counts as not processed, and a drain does not wait for it.
  void Abandon() noexcept { waiting_.clear(); }
  /// Writes the batch in hand and waits until all is safe and done.
  [[nodiscard]] Status Settle(Deadline deadline);

  [[nodiscard]] std::uint64_t taken() const noexcept { return count_; }
  [[nodiscard]] bool HasBatch() const noexcept { return !batch_.empty(); }

 private:
  struct Waiting {
    std::unique_ptr<Record> record;
    std::uint64_t end;  ///< Safe when the sink took so many bytes.
  };
  RecordFormat format_;
  Sink& sink_;
  std::string batch_;
  std::deque<Waiting> waiting_;
  std::uint64_t bytes_ = 0;  ///< Of all records so far.
  std::uint64_t count_ = 0;
};

}  // namespace offsetstore::cli
