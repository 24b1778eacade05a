// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "console.h"
#include "target_options.h"
#include "write_command.h"

namespace offsetstore::cli {
namespace {

struct DeleteArguments {
  WriteArguments write;
  TargetOptions target;
};

ExitCode RunDelete(const BackendRegistry& registry, const DeleteArguments& arguments) {
  const Result<Selection> selection = arguments.target.ToSelection();
  if (!selection) return Fail(selection.error());
  return RunWrite(registry, arguments.write, [&](OffsetStore& store, Deadline deadline) {
    Result<Plan> plan = PlanRemoval(store, arguments.write.group, *selection, deadline);
    if (plan && plan->seen.empty()) {
      const std::string what = arguments.target.Of(arguments.write.group);
      Complain("note: nothing is stored for " + what + " there");
    }
    return plan;
  });
}

}  // namespace

void AddDelete(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "delete", "Remove positions of a group: all, those of one topic, or single partitions");
  const auto arguments = std::make_shared<DeleteArguments>();  // shared with the job
  AddWriteArguments(*command, arguments->write);
  AddTargetOptions(*command, arguments->target);
  command->footer(
      "Example (without --execute it shows what would go, and changes nothing):\n"
      "  offsetctl delete file:///var/lib/app/offsets payments orders:3 --execute");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunDelete(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
