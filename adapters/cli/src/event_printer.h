// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/event.h"

namespace offsetstore::cli {

/// Tells events on standard error: those that somebody should know of, or all.
class EventPrinter final : public Listener {
 public:
  explicit EventPrinter(bool all) noexcept : all_(all) {}
  void On(const Event& event) noexcept override;

 private:
  bool all_;
};

}  // namespace offsetstore::cli
