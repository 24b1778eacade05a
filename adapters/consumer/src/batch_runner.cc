// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "batch_runner.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "internal/passing.h"

namespace offsetstore {
namespace {

/// Whether the same records may go through when they come again: what failed may pass, or somebody
/// else moved the claim or the position, which the session follows.
bool MayGoThrough(const Error& error) {
  return internal::IsPassing(error) || error.code == ErrorCode::kFenced ||
         error.code == ErrorCode::kConflict;
}

}  // namespace

BatchRunner::BatchRunner(std::unique_ptr<BatchWork> work,
                         std::uint64_t most,
                         const ConsumerConfig& config,
                         EventHub& events,
                         Client& client)
    : work_(std::move(work)),
      config_(config),
      events_(events),
      client_(client),
      queue_(config.batch, config.queue_bytes, client),
      left_(most == 0 ? std::numeric_limits<std::uint64_t>::max() : most),
      thread_([this] { Loop(); }) {}

BatchRunner::~BatchRunner() {
  queue_.BeginStop();
}

std::shared_ptr<Outlet> BatchRunner::NewOutlet(const TopicPartition& /*at*/) {
  return queue_.NewLane();
}

void BatchRunner::Join() {
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> BatchRunner::Failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void BatchRunner::Loop() {
  Duration pause{0};
  while (auto batch = queue_.Next(left_)) {
    const BatchWork::Ending ending = work_->Do(*std::move(batch));
    if (ending.status) {
      pause = Duration::zero();
      left_ -= ending.records;
      if (left_ == 0) return End();
    } else if (!Pass(ending, pause) || !queue_.Rest(pause)) {
      return;
    }
  }
}

bool BatchRunner::Pass(const BatchWork::Ending& ending, Duration& pause) {
  const Error& error = ending.status.error();
  const bool again = ending.by_handler ? config_.on_error != OnError::kStop : MayGoThrough(error);
  if (!again || ending.for_good) {
    Fail(error);
    return false;
  }
  if (ending.by_handler) events_.Tell(EventKind::kRetried, ToString(error));
  pause = pause == Duration::zero() ? config_.backoff : std::min(pause * 2, config_.backoff_max);
  return true;
}

void BatchRunner::Fail(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
  }
  End();
}

void BatchRunner::End() {
  over_ = true;
  queue_.BeginStop();
  client_.Wake();
}

}  // namespace offsetstore
