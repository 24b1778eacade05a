// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "offsetstore/store.h"

namespace offsetstore::testing {

/// Who committed after whom, as the database itself saw it. A fast machine or a busy one changes
/// how long a turn takes, and not whose it is.
class Turns {
 public:
  /// How many commits each of them makes.
  static constexpr std::int64_t kEach = 100;

  /// Adds a table to the database (which has the store's already) that keeps the order.
  explicit Turns(const std::filesystem::path& path);

  /// What the contender `number` does: its commits, one right after the other. False where one was
  /// refused.
  [[nodiscard]] static bool Contend(OffsetStore& store, std::int32_t number);

  /// Of a hundred commits how many were followed by another contender's, from the first one that
  /// all of them had made to the first one's last. 0 where some came to no turn in that time.
  [[nodiscard]] int Changes(int contenders) const;

 private:
  std::filesystem::path path_;
};

}  // namespace offsetstore::testing
