// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "command.h"
#include "console.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

ExitCode RunGroups(const BackendRegistry& registry, const StoreArguments& arguments) {
  const Deadline deadline = Deadline::After(arguments.timeout);
  const auto store = Open(registry, arguments, Purpose::kLook, deadline);
  if (!store) return Fail(store.error());
  Report report;
  report.head["store"] = StoreJson((*store)->Info());
  report.rows_name = "groups";
  report.columns = {"group"};
  PageRequest request;
  while (true) {
    Result<GroupPage> page = (*store)->ListGroups(request, deadline);
    if (!page) return Fail(page.error());
    for (const std::string& group : page->groups) report.rows.push_back({{"group", group}});
    if (page->last) break;
    request.after = page->next;
  }
  return Finish(report, arguments, **store, ExitCode::kDone);
}

}  // namespace

void AddGroups(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("groups", "List the groups that have positions in a store");
  const auto arguments = std::make_shared<StoreArguments>();  // shared with the job
  AddStoreArguments(*command, *arguments);
  command->footer("Example:\n  offsetctl groups sqlite:///var/lib/app/offsets.db");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunGroups(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
