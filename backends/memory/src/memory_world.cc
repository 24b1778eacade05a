// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "memory_world.h"

#include <utility>

namespace offsetstore {

bool MemoryWorld::Enter(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!freed_.wait_until(lock, deadline.time(), [this] { return !busy_; })) return false;
  busy_ = true;
  return true;
}

void MemoryWorld::Leave() {
  const std::lock_guard lock(mutex_);
  busy_ = false;
  freed_.notify_one();
}

std::shared_ptr<MemoryWorld> NewMemoryWorld() {
  return std::make_shared<MemoryWorld>();
}

MemoryPause::MemoryPause(std::shared_ptr<MemoryWorld> world) : world_(std::move(world)) {
  while (!world_->Enter(Deadline::After(Duration::max()))) {
  }
}

MemoryPause::~MemoryPause() {
  world_->Leave();
}

}  // namespace offsetstore
