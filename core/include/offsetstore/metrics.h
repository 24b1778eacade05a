// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {

/// Where measurements go; implemented by the application over its own metrics library. Called on
/// any thread, possibly several at once; must be quick and must not throw.
class Metrics {
 public:
  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  virtual ~Metrics() = default;

  /// Adds `by` to the counter `name`, e.g. `store_commit_applied_total`.
  virtual void Count(std::string_view name, std::uint64_t by) noexcept = 0;
  /// Notes one observation, e.g. `store_commit_seconds`.
  virtual void Observe(std::string_view name, double value) noexcept = 0;
};

}  // namespace offsetstore
