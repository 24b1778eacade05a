// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "delivery.h"

#include <utility>

#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

// Large enough that a sync per batch costs little, small enough to bound what a crash repeats.
constexpr std::size_t kBatchBytes = std::size_t{256} * 1024;
constexpr std::size_t kBatchRecords = 1000;

}  // namespace

Status Delivery::Take(std::unique_ptr<Record> record) {
  const std::size_t before = batch_.size();
  format_.Append(batch_, *record);
  bytes_ += batch_.size() - before;
  ++count_;
  waiting_.push_back({std::move(record), bytes_});
  if (batch_.size() < kBatchBytes && count_ % kBatchRecords != 0) return {};
  return Flush();
}

Status Delivery::Flush() {
  const std::string batch = std::exchange(batch_, {});
  Status put = batch.empty() ? Status() : sink_.Put(batch);
  Acknowledge();
  return put;
}

void Delivery::Acknowledge() {
  const std::uint64_t taken = sink_.Taken();
  // A record that prints nothing has the end of the one before it: it waits for the same bytes.
  while (!waiting_.empty() && waiting_.front().end <= taken) {
    waiting_.front().record->Done();
    waiting_.pop_front();
  }
}

Status Delivery::Settle(Deadline deadline) {
  OS_RETURN_IF_ERROR(Flush());
  Status settled = sink_.Settle(deadline);
  Acknowledge();
  return settled;
}

}  // namespace offsetstore::cli
