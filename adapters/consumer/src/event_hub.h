// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "mirror.h"
#include "offsetstore/event.h"

namespace offsetstore {

/// All events of session and adapter on their way to the user's listener: one call at a time.
class EventHub final : public Listener {
 public:
  /// `mirror` may be null.
  EventHub(std::shared_ptr<Listener> listener, std::shared_ptr<Mirror> mirror)
      : listener_(std::move(listener)), mirror_(std::move(mirror)) {}

  void On(const Event& event) noexcept override {
    if (mirror_ != nullptr) mirror_->Note(event);
    if (listener_ == nullptr) return;
    const std::lock_guard lock(mutex_);
    listener_->On(event);
  }

  void Tell(EventKind kind,
            std::string text,
            std::optional<TopicPartition> at = {},
            std::optional<Position> position = {}) {
    Event event;
    event.kind = kind;
    event.at = std::move(at);
    event.position = position;
    event.text = std::move(text);
    On(event);
  }

 private:
  const std::shared_ptr<Listener> listener_;  // shared with the user
  const std::shared_ptr<Mirror> mirror_;      // shared with the poll loop
  std::mutex mutex_;                          // Makes the calls one at a time.
};

}  // namespace offsetstore
