// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <map>
#include <vector>

#include "command.h"
#include "console.h"
#include "doctor.h"
#include "internal/macros.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/uri.h"

namespace offsetstore::cli {
namespace {

struct DoctorArguments {
  StoreArguments store;
  Demand demand;
};

struct Named {
  std::string name;
  Uri uri;
};

/// The store of the URI, or the two of a dual.
Result<std::vector<Named>> StoresOf(const std::string& text) {
  OS_ASSIGN_OR_RETURN(Uri uri, ParseUri(text));
  std::vector<Named> stores;
  if (uri.scheme != kDualScheme) {
    stores.push_back({"", std::move(uri)});
    return stores;
  }
  OS_ASSIGN_OR_RETURN(const DualUris dual, ReadDualUri(uri));
  OS_ASSIGN_OR_RETURN(Uri primary, ParseUri(dual.primary));
  OS_ASSIGN_OR_RETURN(Uri secondary, ParseUri(dual.secondary));
  stores.push_back({"primary", std::move(primary)});
  stores.push_back({"secondary", std::move(secondary)});
  return stores;
}

ExitCode RunDoctor(const BackendRegistry& registry, const DoctorArguments& arguments) {
  const Result<std::vector<Named>> stores = StoresOf(arguments.store.uri);
  if (!stores) return Fail(stores.error());
  const Deadline deadline = Deadline::After(arguments.store.timeout);
  std::vector<Patient> patients;
  for (const auto& [name, uri] : *stores) {
    patients.push_back({name, registry.Examine(uri, deadline)});
  }
  const OutputForm form = arguments.store.form;
  const ExitCode printed = Print(Render(DoctorReport(patients, arguments.demand, form), form));
  if (printed != ExitCode::kDone) return printed;
  const ExitCode code = DoctorCode(patients, arguments.demand);
  if (code != ExitCode::kDone) Complain("not healthy; the lines that are not ok say why");
  return code;
}

void AddDurability(CLI::App& command, Durability& durability) {
  static const std::map<std::string, Durability> kLevels = [] {
    std::map<std::string, Durability> levels;
    for (const Durability level : {Durability::kProcess,
                                   Durability::kProcessCrash,
                                   Durability::kOsCrash,
                                   Durability::kPowerLoss,
                                   Durability::kReplicaLoss}) {
      levels.emplace(ToString(level), level);
    }
    return levels;
  }();
  command
      .add_option_function<std::string>(
          "--durability",
          [&durability](const std::string& name) { durability = kLevels.at(name); },
          "What an acknowledged commit must survive")
      ->check(CLI::IsMember(kLevels))
      ->type_name("LEVEL")
      ->default_str(std::string(ToString(durability)));
}

}  // namespace

void AddDoctor(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("doctor", "Look at a store and its server, and say what can be relied on");
  const auto arguments = std::make_shared<DoctorArguments>();  // shared with the job
  AddStoreArguments(*command, arguments->store);
  AddDurability(*command, arguments->demand.durability);
  command->footer(
      "Changes nothing. Ends with 0 where all is well, with 6 where something is not ok.\n"
      "Example:\n  offsetctl doctor 'postgresql://app@db1/app?password-file=/run/secrets/db'");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunDoctor(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
