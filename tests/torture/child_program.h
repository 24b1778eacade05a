// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "offsetstore/event.h"
#include "offsetstore/properties.h"
#include "offsetstore/result.h"

namespace offsetstore::testing {

/// Writes one line per event.
class EventFile final : public Listener {
 public:
  explicit EventFile(int fd) : fd_(fd) {}
  void On(const Event& event) noexcept override { Write(ToString(event)); }
  void Write(std::string line) const noexcept;

 private:
  int fd_;
};

/// Consumes as the properties say until it is stopped.
using Consume = std::function<Status(
    const Properties& properties, const std::shared_ptr<EventFile>& events, std::stop_token stop)>;

/// PROGRAM PROPERTIES RESULTS EVENTS: runs `consume` until SIGTERM stops it; the program's exit
/// code. RESULTS is left to the program.
int RunChild(int argc, char** argv, const Consume& consume);

}  // namespace offsetstore::testing
