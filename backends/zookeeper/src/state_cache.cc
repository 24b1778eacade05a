// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "state_cache.h"

#include <utility>

namespace offsetstore::zookeeper {
namespace {

// A tool that walks through many groups must not keep them all. To forget costs a read.
constexpr std::size_t kMostKept = 100'000;

}  // namespace

std::optional<PartitionState> StateCache::Find(const GroupPaths& paths,
                                               const TopicPartition& at) const {
  const std::string key = paths.OwnNode(at);
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(key);
  if (found == states_.end()) return std::nullopt;
  return found->second;
}

void StateCache::Put(const GroupPaths& paths, const TopicPartition& at, PartitionState state) {
  std::string key = paths.OwnNode(at);
  const std::lock_guard lock(mutex_);
  if (states_.size() >= kMostKept) states_.clear();
  states_.insert_or_assign(std::move(key), std::move(state));
  bare_.erase(paths.group());
}

void StateCache::Drop(const GroupPaths& paths, const TopicPartition& at) {
  const std::string key = paths.OwnNode(at);
  const std::lock_guard lock(mutex_);
  states_.erase(key);
}

bool StateCache::IsBare(const GroupPaths& paths) const {
  const std::lock_guard lock(mutex_);
  return bare_.contains(paths.group());
}

void StateCache::SetBare(const GroupPaths& paths, bool bare) {
  const std::lock_guard lock(mutex_);
  if (!bare) {
    bare_.erase(paths.group());
    return;
  }
  if (bare_.size() >= kMostKept) bare_.clear();
  bare_.insert(paths.group());
}

bool StateCache::Knows(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return parents_.contains(path);
}

void StateCache::Know(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (parents_.size() >= kMostKept) parents_.clear();
  parents_.insert(path);
}

void StateCache::Forget(const std::string& path) {
  const std::lock_guard lock(mutex_);
  parents_.erase(path);
}

}  // namespace offsetstore::zookeeper
