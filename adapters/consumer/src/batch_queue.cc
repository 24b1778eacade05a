// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "batch_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace offsetstore {

class BatchQueue::Lane final : public Outlet {
 public:
  explicit Lane(BatchQueue& queue) : queue_(queue) {}
  void Take(KafkaRecord record) override { queue_.Take(*this, std::move(record)); }
  void Stop() noexcept override { queue_.Discard(*this); }
  // The batch in work is on another thread: a drain waits for it up to its bound.
  void GiveUp() noexcept override {}

 private:
  BatchQueue& queue_;
};

BatchQueue::BatchQueue(const BatchLimits& limits, std::size_t queue_bytes, Client& client)
    : limits_(limits), gauge_(queue_bytes, client) {}

std::shared_ptr<Outlet> BatchQueue::NewLane() {
  return std::make_shared<Lane>(*this);
}

void BatchQueue::Take(const Lane& lane, KafkaRecord record) {
  fresh_.push_back({.lane = &lane, .record = std::move(record), .since = Clock::now()});
}

void BatchQueue::Flush() {
  if (fresh_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (Item& item : fresh_) {
      gauge_.Add(item.record.footprint());
      waiting_.push_back(std::move(item));
    }
  }
  fresh_.clear();
  changed_.notify_one();
}

void BatchQueue::Discard(const Lane& lane) noexcept {
  const auto is_of_lane = [&lane](const Item& item) { return item.lane == &lane; };
  std::erase_if(fresh_, is_of_lane);
  std::size_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const Item& item : waiting_) {
      if (is_of_lane(item)) bytes += item.record.footprint();
    }
    std::erase_if(waiting_, is_of_lane);
  }
  gauge_.Free(bytes);
}

bool BatchQueue::IsDue(Clock::time_point now, std::size_t full) const {
  if (waiting_.empty()) return false;
  return waiting_.size() >= full || gauge_.bytes() >= limits_.bytes ||
         now - waiting_.front().since >= limits_.interval;
}

std::optional<std::vector<KafkaRecord>> BatchQueue::Next(std::uint64_t most) {
  const auto full = static_cast<std::size_t>(std::min<std::uint64_t>(limits_.records, most));
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (IsDue(Clock::now(), full)) return TakeBatch(full);
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      const Clock::time_point due = waiting_.front().since + limits_.interval;
      changed_.wait_until(lock, due);
    }
  }
  return std::nullopt;
}

std::vector<KafkaRecord> BatchQueue::TakeBatch(std::size_t full) {
  std::vector<KafkaRecord> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < full && bytes < limits_.bytes) {
    bytes += waiting_.front().record.footprint();
    batch.push_back(std::move(waiting_.front().record));
    waiting_.pop_front();
  }
  gauge_.Free(bytes);
  return batch;
}

bool BatchQueue::Rest(Duration pause) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, Clock::now() + pause, [this] { return ending_; });
}

void BatchQueue::BeginStop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

}  // namespace offsetstore
