// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "cluster_options.h"
#include "command.h"
#include "console.h"
#include "group_options.h"
#include "internal/macros.h"
#include "reset_options.h"
#include "reset_run.h"
#include "signals.h"
#include "views.h"
#include "write_command.h"

namespace offsetstore::cli {
namespace {

struct ResetArguments {
  StoreArguments store;
  GroupArguments groups;
  std::vector<std::string> topics;
  ResetTargetOptions target;
  std::string to_group;
  ClusterArguments cluster;
  bool execute = false;
};

/// What the arguments mean, before anything is opened.
struct Request {
  GroupChoice groups;
  ReadTarget target;
  std::vector<migration::TopicScope> scope;
};

Result<Request> ReadRequest(const ResetArguments& arguments) {
  Request request;
  OS_ASSIGN_OR_RETURN(request.groups, ReadGroups(arguments.groups));
  OS_ASSIGN_OR_RETURN(request.scope, ReadScope(arguments.topics));
  std::optional<std::string> group;
  if (request.groups.names.size() == 1) group = request.groups.names.front();
  OS_ASSIGN_OR_RETURN(request.target, ReadResetTarget(arguments.target, group, Now()));
  if (migration::NeedsLogs(request.target.target.to)) {
    const Result<KafkaOptions> cluster = ClusterOf(arguments.cluster, arguments.store.uri);
    if (!cluster) return cluster.error();
  }
  const bool several = request.groups.names.size() > 1 || request.groups.by_pattern;
  if (!arguments.to_group.empty() && several) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--to-group takes the positions of one group; several would overwrite each "
                     "other");
  }
  return request;
}

/// The store, and who is asked beside it.
struct Opened {
  std::unique_ptr<OffsetStore> store;
  std::unique_ptr<migration::KafkaCluster> cluster;
  std::unique_ptr<migration::GroupWatch> watch;
};

Result<Opened> OpenAll(const BackendRegistry& registry, const ResetArguments& arguments) {
  const Deadline deadline = Deadline::After(arguments.store.timeout);
  Opened opened;
  const Purpose purpose = arguments.execute ? Purpose::kChange : Purpose::kLook;
  OS_ASSIGN_OR_RETURN(opened.store, Open(registry, arguments.store, purpose, deadline));
  OS_RETURN_IF_ERROR(CheckKeeps(opened.store->Info()));
  OS_ASSIGN_OR_RETURN(opened.cluster,
                      OpenClusterIfAny(arguments.cluster, arguments.store.uri, deadline));
  OS_ASSIGN_OR_RETURN(opened.watch, OpenWatch(arguments.store.uri, deadline));
  return opened;
}

ExitCode FinishReset(const std::vector<ResetGroup>& groups,
                     const ResetArguments& arguments,
                     OffsetStore& store) {
  if (const std::string text = ResetShortfall(groups); !text.empty()) Complain(text);
  const bool to_do = std::any_of(groups.begin(), groups.end(), [](const ResetGroup& group) {
    return std::any_of(group.plan.steps.begin(),
                       group.plan.steps.end(),
                       [](const migration::ResetStep& step) { return step.Changes(); });
  });
  if (!arguments.execute && to_do) {
    Complain("note: nothing was changed; add --execute to do this");
  }
  Report report = ResetReport(groups, arguments.execute);
  report.head["store"] = StoreJson(store.Info());
  const ExitCode code = ResetCode(groups);
  if (!arguments.execute) return Finish(report, arguments.store, store, code);
  return FinishWrite(report, arguments.store, store, code);
}

ResetGroup ResetOne(const Opened& opened,
                    const Request& request,
                    const ResetArguments& arguments,
                    const std::string& name) {
  const Duration timeout = arguments.store.timeout;
  const migration::ResetView view{
      *opened.store, opened.cluster.get(), opened.cluster.get(), opened.watch.get()};
  const std::string& to = arguments.to_group.empty() ? name : arguments.to_group;
  ResetGroup group;
  group.plan =
      PlanReset(view, name, to, request.scope, request.target.target, Deadline::After(timeout));
  if (arguments.execute) Execute(*opened.store, group, Deadline::After(timeout));
  if (group.plan.steps.empty() && !group.plan.error) {
    Complain("note: group '" + Printable(name) + "' has no positions there to reset");
  }
  return group;
}

ExitCode RunReset(const BackendRegistry& registry, const ResetArguments& arguments) {
  const Result<Request> request = ReadRequest(arguments);
  if (!request) return Fail(request.error());
  for (const std::string& note : request->target.notes) Complain("note: " + note);
  const Result<Opened> opened = OpenAll(registry, arguments);
  if (!opened) return Fail(opened.error());
  const auto names = FindGroups(*opened->store, request->groups, arguments.store.timeout);
  if (!names) return Fail(names.error());
  if (arguments.execute) FinishOnFirstSignal();
  std::vector<ResetGroup> groups;
  for (const std::string& name : *names) {
    if (arguments.execute && StopAsked()) break;
    groups.push_back(ResetOne(*opened, *request, arguments, name));
  }
  if (groups.size() < names->size()) {
    Complain(std::to_string(names->size() - groups.size()) + " groups were not begun");
  }
  return FinishReset(groups, arguments, *opened->store);
}

}  // namespace

void AddReset(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "reset", "Set the positions of whole groups: to the log's start or end, a time, a file, ...");
  const auto arguments = std::make_shared<ResetArguments>();  // shared with the job
  AddStoreArguments(*command, arguments->store);
  AddGroupArguments(*command, arguments->groups);
  command
      ->add_option("--topic",
                   arguments->topics,
                   "Only this topic, or only these partitions of it; again for more")
      ->type_name("TOPIC[:P,P-P]")
      ->allow_extra_args(false);
  AddResetTarget(*command, arguments->target);
  AddText(*command,
          "--to-group",
          arguments->to_group,
          "Write to this group what is reckoned from the positions of GROUP")
      ->type_name("GROUP");
  AddClusterArguments(*command, arguments->cluster);
  command->add_flag("--execute",
                    arguments->execute,
                    "Do it; without this the plan is shown and nothing is changed");
  command->footer(
      "Examples (without --execute they show old and new, and change nothing):\n"
      "  offsetctl reset kafka://b1:9092 payments --to-datetime 'yesterday 10:00' --execute\n"
      "  offsetctl reset sqlite:///var/lib/app/offsets.db payments --topic orders:0,1 "
      "--to-earliest --brokers b1:9092");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunReset(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
