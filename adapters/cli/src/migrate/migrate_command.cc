// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The two commands that move positions between stores. They differ in what they take for granted:
// `migrate` looks for consumers that register nowhere, `copy` is for groups known to be at rest.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "command.h"
#include "console.h"
#include "migrate/move.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct TwoSides {
  std::string from;
  std::string to;
  MoveArguments move;
};

ExitCode RunMove(const BackendRegistry& registry, TwoSides& arguments) {
  const RunArguments& run = arguments.move.run;
  const auto options = PrepareMove(arguments.move);
  if (!options) return Fail(options.error());
  auto source = OpenSide(registry, arguments.from, Purpose::kLook, run.parallel, run.timeout);
  if (!source) return Fail(source.error());
  auto target = OpenTarget(registry, arguments.to, run);
  if (!target) return Fail(target.error());
  return MovePositions(*source, *target, *options, arguments.move);
}

CLI::App* AddMover(CLI::App& app,
                   const BackendRegistry& registry,
                   Job& job,
                   const char* name,
                   const char* help,
                   const std::shared_ptr<TwoSides>& arguments) {
  CLI::App* command = app.add_subcommand(name, help);
  AddMoveArguments(*command, arguments->move);
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunMove(registry, *arguments); };
  });
  return command;
}

}  // namespace

void AddMigrate(CLI::App& app, const BackendRegistry& registry, Job& job) {
  const auto arguments = std::make_shared<TwoSides>();  // shared with the job
  CLI::App* command = AddMover(app,
                               registry,
                               job,
                               "migrate",
                               "Move the positions of many groups from one store to another",
                               arguments);
  AddStoreUri(*command, "--from", arguments->from, "The store that has them")->required();
  AddStoreUri(*command, "--to", arguments->to, "The store that is to have them")->required();
  AddFollowArguments(*command, arguments->move.following);
  command->footer(
      "Example (shows what it would do, and keeps it for review):\n"
      "  offsetctl migrate --from zookeeper://zk1:2181/kafka --to kafka://b1:9092 --group "
      "'payments-.*' --plan-out payments.plan");
}

void AddCopy(CLI::App& app, const BackendRegistry& registry, Job& job) {
  const auto arguments = std::make_shared<TwoSides>();  // shared with the job
  arguments->move.scope.sample_interval = Duration::zero();
  arguments->move.run.second_look = Duration::zero();
  CLI::App* command =
      AddMover(app,
               registry,
               job,
               "copy",
               "Copy positions to another store, or to another group: 'migrate' without its waits",
               arguments);
  AddStoreUri(*command, "FROM-URI", arguments->from, "The store that has them")->required();
  AddStoreUri(*command, "TO-URI", arguments->to, "The store that is to have them; may be the same")
      ->required();
  command->footer(
      "Example (a second group that begins where the first one is):\n"
      "  offsetctl copy kafka://b1:9092 kafka://b1:9092 --group payments --rename-group "
      "payments=payments-green --execute");
}

}  // namespace offsetstore::cli
