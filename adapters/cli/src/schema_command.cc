// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "command.h"
#include "console.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/uri.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

ExitCode RunSchema(const BackendRegistry& registry, const std::string& text) {
  const Result<Uri> uri = ParseUri(text);
  if (!uri) return Fail(uri.error());
  if (uri->scheme == kDualScheme) {
    return Fail(MakeError(ErrorCode::kInvalidArgument,
                          "a dual names two stores; ask for the schema of each by itself"));
  }
  const Result<std::string> schema = registry.Schema(*uri);
  if (!schema) return Fail(schema.error());
  return Print(*schema);
}

}  // namespace

void AddSchema(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "schema", "Print the statements that make a store, for an administrator to run");
  const auto uri = std::make_shared<std::string>();  // shared with the job
  AddStoreUri(*command, "STORE-URI", *uri, "The store; nothing is connected to")->required();
  command->footer(
      "Example:\n  offsetctl schema 'postgresql://db1/app?schema=kafka' | psql -U owner app");
  command->callback(
      [&registry, &job, uri] { job = [&registry, uri] { return RunSchema(registry, *uri); }; });
}

}  // namespace offsetstore::cli
