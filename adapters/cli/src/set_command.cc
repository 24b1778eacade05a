// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "console.h"
#include "targets.h"
#include "write_command.h"

namespace offsetstore::cli {
namespace {

struct SetArguments {
  WriteArguments write;
  std::vector<std::string> settings;
};

ExitCode RunSet(const BackendRegistry& registry, const SetArguments& arguments) {
  const Result<std::vector<Setting>> settings = ParseSettings(arguments.settings);
  if (!settings) return Fail(settings.error());
  return RunWrite(registry, arguments.write, [&](OffsetStore& store, Deadline deadline) {
    return PlanSet(store, arguments.write.group, *settings, deadline);
  });
}

}  // namespace

void AddSet(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "set", "Set positions: the offset of the next record to read. A running consumer follows");
  const auto arguments = std::make_shared<SetArguments>();  // shared with the job
  AddWriteArguments(*command, arguments->write);
  command->add_option("TOPIC:P=OFFSET", arguments->settings, "Partition and its new position")
      ->required()
      ->type_name("");
  command->footer(
      "Example (without --execute it shows old and new, and changes nothing):\n"
      "  offsetctl set sqlite:///var/lib/app/offsets.db payments orders:0=1500 orders:1=0 "
      "--execute");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunSet(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
