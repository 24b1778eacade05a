// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exit_code.h"
#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/store.h"
#include "report.h"

namespace CLI {
class App;
class Option;
}

namespace offsetstore::cli {

/// What the parsed command line asks for; run after parsing is over.
using Job = std::function<ExitCode()>;

/// Each adds one command to `app`, which leaves what to do in `job`. Both outlive the parsing.
void AddStores(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddGroups(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddGet(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddSet(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddDelete(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddReset(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddLag(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddWatch(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddPeek(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddConsume(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddDoctor(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddSchema(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddExport(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddDiff(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddImport(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddCopy(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddRename(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddMigrate(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddApply(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddVerify(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddRollback(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddHistory(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddDemo(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddMan(CLI::App& app, const BackendRegistry& registry, Job& job);
void AddCompletion(CLI::App& app, const BackendRegistry& registry, Job& job);

/// `--output table|json|csv`.
void AddOutput(CLI::App& command, OutputForm& form);
/// An option that is a duration of at least `least`; its default is what `duration` holds.
void AddDuration(CLI::App& command,
                 const std::string& name,
                 Duration& duration,
                 Duration least,
                 const std::string& help);
/// `--timeout DURATION`.
void AddTimeout(CLI::App& command, Duration& timeout);

/// An option whose text must not be empty.
CLI::Option* AddText(CLI::App& command,
                     const std::string& name,
                     std::string& text,
                     const std::string& help);
/// An option that is a whole number, digits only, from `min` to `max`.
CLI::Option* AddCount(CLI::App& command,
                      const std::string& name,
                      std::uint64_t& count,
                      std::int64_t min,
                      const std::string& help,
                      std::int64_t max = std::numeric_limits<std::int64_t>::max());
/// `--parallel N`; its default is what `parallel` holds.
void AddParallel(CLI::App& command, std::uint64_t& parallel);

/// What commands on one store share. An object per run; the store is opened by `Open`.
struct StoreArguments {
  std::string uri;
  Duration timeout = std::chrono::seconds(10);
  OutputForm form = OutputForm::kTable;
};
/// STORE-URI, `--timeout` and `--output`.
void AddStoreArguments(CLI::App& command, StoreArguments& arguments);

/// Says that a password stands in a URI of the command line.
void WarnOfPassword();

enum class Purpose { kLook, kChange };

/// Opens the store of `arguments.uri`. Who only looks makes no store where there is none: that is
/// an error.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> Open(const BackendRegistry& registry,
                                                        const StoreArguments& arguments,
                                                        Purpose purpose,
                                                        Deadline deadline);

/// For commands that looked: prints the report, closes the store, and returns the first thing that
/// is not `kDone`: of the printing, the closing, `code`.
[[nodiscard]] ExitCode Finish(const Report& report,
                              const StoreArguments& arguments,
                              OffsetStore& store,
                              ExitCode code);

}  // namespace offsetstore::cli
