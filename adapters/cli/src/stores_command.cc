// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>

#include "command.h"
#include "console.h"
#include "offsetstore/layers/dual.h"

namespace offsetstore::cli {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

ExitCode RunStores(const BackendRegistry& registry, OutputForm form) {
  Report report;
  report.rows_name = "stores";
  report.columns = {"name", "schemes", "built", "example", "summary"};
  for (const BackendInfo& backend : registry.backends()) {
    Json row = {{"name", backend.name},
                {"schemes", Joined(backend.schemes)},
                {"built", backend.open ? "yes" : "no"},
                {"summary", backend.summary}};
    if (!backend.example.empty()) row["example"] = backend.example;
    report.rows.push_back(std::move(row));
  }
  // No backend, but a URI all the same.
  report.rows.push_back({{"name", kDualScheme},
                         {"schemes", kDualScheme},
                         {"built", "yes"},
                         {"summary", kDualSummary},
                         {"example", kDualExample}});
  return Print(Render(report, form));
}

}  // namespace

void AddStores(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("stores", "List the kinds of stores this program knows");
  const auto form = std::make_shared<OutputForm>(OutputForm::kTable);  // shared with the job
  AddOutput(*command, *form);
  command->footer("Example:\n  offsetctl stores --output json");
  command->callback(
      [&registry, &job, form] { job = [&registry, form] { return RunStores(registry, *form); }; });
}

}  // namespace offsetstore::cli
