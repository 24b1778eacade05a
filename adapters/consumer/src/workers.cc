// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "workers.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "guarded.h"

namespace offsetstore {
/// The records of one partition that wait for the handler.
struct Workers::Lane final : Outlet {
  Lane(Workers& workers, TopicPartition partition) : owner(workers), at(std::move(partition)) {}

  void Take(KafkaRecord record) override {
    fresh_bytes += record.footprint();
    if (fresh.empty()) owner.fresh_.push_back(self.lock());
    fresh.push_back(std::move(record));
  }
  void Stop() noexcept override {
    stopped = true;
    owner.Discard(*this);
  }
  // The handler works on other threads: a drain waits for it up to its bound.
  void GiveUp() noexcept override {}

  Workers& owner;
  const TopicPartition at;
  std::weak_ptr<Lane> self;
  std::vector<KafkaRecord> fresh;  // Poll thread only.
  std::size_t fresh_bytes = 0;     // Poll thread only.
  std::atomic<bool> stopped{false};

  // Guarded by the owner's mutex.
  std::deque<Batch> waiting;
  bool scheduled = false;  ///< In `ready_` or `later_`, or a thread works on it.

  // Whoever works on it.
  Duration pause{0};
};

Workers::Workers(const Handler& handler,
                 const ConsumerConfig& config,
                 EventHub& events,
                 Client& client)
    : handler_(handler),
      config_(config),
      events_(events),
      client_(client),
      gauge_(config.queue_bytes, client) {
  threads_.reserve(config.workers);
  try {
    for (std::size_t i = 0; i < config.workers; ++i) {
      threads_.emplace_back([this] { Loop(); });
    }
  } catch (const std::system_error& failed) {
    // Those that were made end by it, and so does the run.
    Fail(MakeError(ErrorCode::kUnavailable,
                   "no thread could be made for offsetstore.workers=" +
                       std::to_string(config.workers) + ": " + failed.what()));
  }
}

Workers::~Workers() {
  Workers::BeginStop();
  Workers::Join();
}

std::shared_ptr<Outlet> Workers::NewOutlet(const TopicPartition& at) {
  auto lane = std::make_shared<Lane>(*this, at);
  lane->self = lane;
  return lane;
}

void Workers::Flush() {
  if (fresh_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& lane : fresh_) {
      // Stopped since: `Discard` has emptied it.
      if (lane->fresh.empty()) continue;
      gauge_.Add(lane->fresh_bytes);
      lane->waiting.push_back({std::exchange(lane->fresh, {}), 0, lane->fresh_bytes});
      lane->fresh_bytes = 0;
      if (lane->scheduled) continue;
      lane->scheduled = true;
      ready_.push_back(lane);
    }
  }
  fresh_.clear();
  ready_changed_.notify_all();
}

void Workers::Discard(Lane& lane) noexcept {
  // Destroyed outside the lock: each record gives its ticket and librdkafka's memory back.
  const std::vector<KafkaRecord> fresh = std::exchange(lane.fresh, {});
  lane.fresh_bytes = 0;
  std::deque<Batch> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(lane.waiting);
  }
  for (const Batch& batch : waiting) gauge_.Free(batch.bytes);
}

void Workers::BeginStop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_changed_.notify_all();
}

void Workers::Join() {
  threads_.clear();
}

std::optional<Error> Workers::Failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Workers::Loop() {
  std::unique_lock lock(mutex_);
  while (const std::shared_ptr<Lane> lane = Next(lock)) WorkOn(lane, lock);
}

std::shared_ptr<Workers::Lane> Workers::Next(std::unique_lock<std::mutex>& lock) {
  while (!ending_) {
    if (!later_.empty() && later_.begin()->first <= std::chrono::steady_clock::now()) {
      return std::move(later_.extract(later_.begin()).mapped());
    }
    if (!ready_.empty()) {
      std::shared_ptr<Lane> lane = std::move(ready_.front());
      ready_.pop_front();
      return lane;
    }
    if (later_.empty()) {
      ready_changed_.wait(lock);
    } else {
      const TimePoint due = later_.begin()->first;
      ready_changed_.wait_until(lock, due);
    }
  }
  return nullptr;
}

void Workers::WorkOn(const std::shared_ptr<Lane>& lane, std::unique_lock<std::mutex>& lock) {
  if (lane->waiting.empty()) {
    lane->scheduled = false;
    return;
  }
  if (!at_work_.insert(lane->at).second) {
    // A former lane's: this one stays scheduled, and `Leave` hands it on.
    behind_.insert_or_assign(lane->at, lane);
    return;
  }
  Batch batch = std::move(lane->waiting.front());
  lane->waiting.pop_front();
  lock.unlock();
  const bool finished = Work(*lane, batch);
  const std::size_t bytes = batch.bytes;
  if (finished) batch.records.clear();
  lock.lock();
  Leave(lane->at);
  if (!finished && !lane->stopped) {
    lane->waiting.push_front(std::move(batch));
    later_.emplace(std::chrono::steady_clock::now() + lane->pause, lane);
    ready_changed_.notify_one();
    return;
  }
  gauge_.Free(bytes);
  if (lane->waiting.empty()) {
    lane->scheduled = false;
  } else {
    ready_.push_back(lane);
  }
}

void Workers::Leave(const TopicPartition& at) {
  at_work_.erase(at);
  auto next = behind_.extract(at);
  if (next.empty()) return;
  ready_.push_back(std::move(next.mapped()));
  ready_changed_.notify_one();
}

bool Workers::Work(Lane& lane, Batch& batch) {
  for (; batch.begun < batch.records.size(); ++batch.begun) {
    KafkaRecord& record = batch.records[batch.begun];
    if (lane.stopped.load(std::memory_order_relaxed) || ending_.load(std::memory_order_relaxed) ||
        !record.Held()) {
      return true;
    }
    Status handled = Guarded(handler_, static_cast<Record&>(record));
    if (handled) {
      record.Done();
      lane.pause = Duration::zero();
    } else if (!Pass(lane, record, std::move(handled).error())) {
      return false;
    }
  }
  return true;
}

bool Workers::Pass(Lane& lane, KafkaRecord& record, Error error) {
  error.With("topic", std::string(record.topic()))
      .With("partition", std::to_string(record.partition()))
      .With("offset", std::to_string(record.offset()));
  const Position position(record.offset());
  switch (config_.on_error) {
    case OnError::kStop:
      Fail(std::move(error));
      return true;
    case OnError::kSkip:
      events_.Tell(EventKind::kSkipped, ToString(error), lane.at, position);
      record.Done();
      return true;
    case OnError::kRetry:
      break;
  }
  lane.pause = lane.pause == Duration::zero() ? config_.backoff
                                              : std::min(lane.pause * 2, config_.backoff_max);
  events_.Tell(EventKind::kRetried, ToString(error), lane.at, position);
  return false;
}

void Workers::Fail(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    ending_ = true;
  }
  failed_ = true;
  ready_changed_.notify_all();
  client_.Wake();
}

}  // namespace offsetstore
