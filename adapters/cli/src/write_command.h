// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "command.h"
#include "plan.h"

namespace offsetstore::cli {

/// What `set` and `delete` share: plan, show, and with `--execute` do exactly that.
struct WriteArguments {
  StoreArguments store;
  std::string group;
  bool execute = false;
};
/// STORE-URI, GROUP, `--execute`, `--timeout` and `--output`.
void AddWriteArguments(CLI::App& command, WriteArguments& arguments);

using Planner = std::function<Result<Plan>(OffsetStore&, Deadline)>;

[[nodiscard]] ExitCode RunWrite(const BackendRegistry& registry,
                                const WriteArguments& arguments,
                                const Planner& planner);

/// Refuses `memory:` and the like: a change would be gone with this process, and so would its
/// meaning.
[[nodiscard]] Status CheckKeeps(const StoreInfo& info);

/// Prints what was done and closes the store. Where that fails, what is done is done all the same,
/// so neither ends in words or a code that say otherwise.
[[nodiscard]] ExitCode FinishWrite(const Report& report,
                                   const StoreArguments& arguments,
                                   OffsetStore& store,
                                   ExitCode written);

}  // namespace offsetstore::cli
