// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "rdkafka/handle.h"
#include "rdkafka/member_store.h"

namespace offsetstore {

/// Lends the consumer's handle to the store that commits through it.
class MemberPort final : public rdkafka::MemberPort {
 public:
  MemberPort(std::shared_ptr<rdkafka::Handle> handle, std::string group, std::string cluster_id)
      : group_(std::move(group)), cluster_id_(std::move(cluster_id)), handle_(std::move(handle)) {}

  [[nodiscard]] std::shared_ptr<rd_kafka_t> Handle() override {
    const std::lock_guard lock(mutex_);
    if (handle_ == nullptr) return nullptr;
    return {handle_, handle_->get()};
  }
  [[nodiscard]] const std::string& Group() const noexcept override { return group_; }
  [[nodiscard]] const std::string& ClusterId() const noexcept override { return cluster_id_; }
  [[nodiscard]] std::uint64_t Assignment() const noexcept override { return assignment_; }

  [[nodiscard]] bool Joining() override {
    const std::lock_guard lock(mutex_);
    return handle_ != nullptr && handle_->Joining();
  }

  void NextAssignment() noexcept { ++assignment_; }
  void Detach() {
    const std::lock_guard lock(mutex_);
    handle_.reset();
  }

 private:
  const std::string group_;
  const std::string cluster_id_;
  std::atomic<std::uint64_t> assignment_{0};
  std::mutex mutex_;                         // Guards `handle_`.
  std::shared_ptr<rdkafka::Handle> handle_;  // shared with the consumer
};

}  // namespace offsetstore
