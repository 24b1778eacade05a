// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "rig.h"

namespace offsetstore::testing {

/// How a consumer comes to its partitions.
enum class Way : std::uint8_t { kStatic, kEager, kCooperative };

/// Records that a test puts into each partition at a time.
inline constexpr int kRecords = 100;

/// Both partitions of the topic in that way.
[[nodiscard]] Config Assigned(Way way, Config config, const Topic& topic);

/// `set` on a consumer that has nothing to do: it goes on from there, without a rebalance, and the
/// other partition is not disturbed.
void CheckSetIdle(Way way, const std::string& uri);

/// `set` forward while records are in work: what is skipped is never handled, and nothing of what
/// follows is lost.
void CheckSetBusy(Way way, const std::string& uri);

}  // namespace offsetstore::testing
