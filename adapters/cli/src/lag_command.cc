// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <vector>

#include "cluster_options.h"
#include "command.h"
#include "console.h"
#include "internal/macros.h"
#include "lag_options.h"
#include "lag_view.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

ExitCode RunLag(const BackendRegistry& registry, const LagArguments& arguments) {
  const Result<LagSource> source = OpenLag(registry, arguments);
  if (!source) return Fail(source.error());
  const Result<LagLook> look = source->Look();
  if (!look) return Fail(look.error());
  Report report = LagReport(*look);
  report.head["store"] = StoreJson(source->store->Info());
  if (look->rows.empty()) Complain("note: nothing is stored for what was asked for");
  return Finish(report, arguments.store, *source->store, LagCode(*look));
}

}  // namespace

void AddLag(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("lag", "Show positions beside the logs: start, end, and what is left");
  const auto arguments = std::make_shared<LagArguments>();  // shared with the job
  AddLagArguments(*command, *arguments);
  command->footer(
      "Examples:\n"
      "  offsetctl lag kafka://b1:9092 payments\n"
      "  offsetctl lag sqlite:///var/lib/app/offsets.db --groups 'pay.*' --brokers b1:9092 "
      "--sort lag");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunLag(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
