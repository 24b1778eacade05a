// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "exit_code.h"
#include "offsetstore/migration/lag.h"
#include "report.h"

namespace offsetstore::cli {

enum class LagOrder { kTopic, kLag };

/// The positions of several groups beside the logs, in the order of `groups` or the largest lag
/// first.
struct LagLook {
  std::vector<std::pair<std::string, migration::LagRow>> rows;
  std::vector<std::pair<std::string, Error>> failed;  ///< Groups that could not be read.
  /// How many groups and partitions could not be read.
  [[nodiscard]] std::size_t Unreadable() const;
};

[[nodiscard]] LagLook LookAtLag(OffsetStore& store,
                                migration::LogView& logs,
                                const std::vector<std::string>& groups,
                                const Selection& selection,
                                LagOrder order,
                                Duration timeout);

/// `group topic partition position log_start log_end lag note error`.
[[nodiscard]] Report LagReport(const LagLook& look);

/// `kDone`, or what to end with where something could not be read, which is said.
[[nodiscard]] ExitCode LagCode(const LagLook& look);

}  // namespace offsetstore::cli
