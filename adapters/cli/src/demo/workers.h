// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.h"

namespace offsetstore::cli {

/// The hidden commands that `demo` runs as processes of their own: the mock cluster, the plain
/// consumer, the consumer with a store, and the one whose results are in the store's database.
void AddDemoCluster(CLI::App& app, Job& job);
void AddDemoPlain(CLI::App& app, Job& job);
void AddDemoStore(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddDemoTable(CLI::App& app, const BackendRegistry& registry, Job& job);

/// The work that one record costs in the demo.
void Work(std::chrono::microseconds time);

/// The record's number from its value; none where it is no number.
[[nodiscard]] std::optional<std::uint64_t> NumberOf(std::string_view value);

}  // namespace offsetstore::cli
