// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <librdkafka/rdkafka.h>

#include <CLI/CLI.hpp>
#include <string>

#include "offsetstore/version.h"

namespace offsetstore::cli {

std::unique_ptr<CLI::App> MakeApp(const BackendRegistry& registry, Job& job) {
  auto app = std::make_unique<CLI::App>(
      "Inspects and sets Kafka consumer positions, wherever they are kept.", "offsetctl");
  app->set_version_flag(
      "--version",
      "offsetctl " + std::string(Version()) + " (librdkafka " + rd_kafka_version_str() + ")");
  app->require_subcommand(1);
  app->footer("'offsetctl COMMAND --help' explains a command and shows an example.");
  for (const auto add :
       {AddStores,  AddGroups, AddGet,    AddLag,       AddWatch,   AddPeek,    AddSet,
        AddReset,   AddDelete, AddRename, AddCopy,      AddDiff,    AddExport,  AddImport,
        AddMigrate, AddApply,  AddVerify, AddRollback,  AddHistory, AddConsume, AddDoctor,
        AddSchema,  AddDemo,   AddMan,    AddCompletion}) {
    add(*app, registry, job);
  }
  return app;
}

}  // namespace offsetstore::cli
