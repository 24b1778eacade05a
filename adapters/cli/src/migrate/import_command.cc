// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "command.h"
#include "console.h"
#include "migrate/file_side.h"
#include "migrate/move.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct ImportArguments {
  FileSource file;
  std::string to;
  MoveArguments move;
};

ExitCode RunImport(const BackendRegistry& registry, ImportArguments& arguments) {
  const auto options = PrepareMove(arguments.move);
  if (!options) return Fail(options.error());
  auto source = OpenFileSide(arguments.file);
  if (!source) return Fail(source.error());
  auto target = OpenTarget(registry, arguments.to, arguments.move.run);
  if (!target) return Fail(target.error());
  return MovePositions(*source, *target, *options, arguments.move);
}

}  // namespace

void AddImport(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "import", "Write the positions of a file into a store: of 'export', or of another tool");
  const auto arguments = std::make_shared<ImportArguments>();  // shared with the job
  // A file does not move while it is looked at.
  arguments->move.scope.sample_interval = Duration::zero();
  command->add_option("FILE", arguments->file.path, "The file, '-' for standard input, or a folder")
      ->required()
      ->type_name("");
  AddStoreUri(*command, "--to", arguments->to, "The store that is to have them")->required();
  AddFileFormat(*command, "--from", arguments->file);
  AddMoveArguments(*command, arguments->move);
  command->footer(
      "Example (from the files of librdkafka's offset.store.method=file):\n"
      "  offsetctl import /var/lib/app/offsets --from librdkafka-files --file-group payments --to "
      "kafka://b1:9092");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunImport(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
