// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>

#include "command.h"
#include "console.h"
#include "target_options.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

struct GetArguments {
  StoreArguments store;
  std::string group;
  TargetOptions target;
};

/// Unreadable partitions hide no other: they are shown, and the exit code tells.
ExitCode CodeOf(const std::vector<Read>& reads) {
  const auto unreadable = std::count_if(reads.begin(), reads.end(), [](const Read& read) {
    return std::holds_alternative<Error>(read.slot);
  });
  if (unreadable == 0) return ExitCode::kDone;
  Complain(std::to_string(unreadable) + " of " + std::to_string(reads.size()) +
           " partitions could not be read; the column 'error' says why");
  if (static_cast<std::size_t>(unreadable) != reads.size()) return ExitCode::kPartly;
  return ExitCodeOf(std::get<Error>(reads.front().slot));
}

ExitCode RunGet(const BackendRegistry& registry, const GetArguments& arguments) {
  const Result<Selection> selection = arguments.target.ToSelection();
  if (!selection) return Fail(selection.error());
  const Deadline deadline = Deadline::After(arguments.store.timeout);
  const auto store = Open(registry, arguments.store, Purpose::kLook, deadline);
  if (!store) return Fail(store.error());
  const Answers<Read> reads = (*store)->Fetch(arguments.group, *selection, deadline);
  if (!reads) return Fail(reads.error());
  Report report;
  report.head["store"] = StoreJson((*store)->Info());
  report.rows_name = "partitions";
  report.columns = ReadColumns();
  for (const Read& read : *reads) report.rows.push_back(ReadRow(arguments.group, read));
  if (reads->empty()) {
    Complain("note: nothing is stored for " + arguments.target.Of(arguments.group) + " there");
  }
  return Finish(report, arguments.store, **store, CodeOf(*reads));
}

}  // namespace

void AddGet(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("get", "Show the positions of a group");
  const auto arguments = std::make_shared<GetArguments>();  // shared with the job
  AddStoreArguments(*command, arguments->store);
  command->add_option("GROUP", arguments->group, "The group")->required()->type_name("");
  AddTargetOptions(*command, arguments->target);
  command->footer(
      "Examples:\n"
      "  offsetctl get file:///var/lib/app/offsets payments\n"
      "  offsetctl get file:///var/lib/app/offsets payments orders:0,4-7 --output csv");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunGet(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
