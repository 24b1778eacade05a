// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <CLI/CLI.hpp>
#include <map>

#include "console.h"
#include "offsetstore/open.h"
#include "offsetstore/units.h"
#include "store_uri.h"

namespace offsetstore::cli {
void AddOutput(CLI::App& command, OutputForm& form) {
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  command
      .add_option_function<std::string>(
          "--output",
          [&form](const std::string& name) { form = kForms.at(name); },
          "table (for people), json or csv (for programs)")
      ->transform(CLI::IsMember({"table", "json", "csv"}, CLI::ignore_case))
      ->type_name("FORM")
      ->default_str("table");
}

void AddDuration(CLI::App& command,
                 const std::string& name,
                 Duration& duration,
                 Duration least,
                 const std::string& help) {
  command
      .add_option_function<std::string>(
          name,
          [name, &duration, least](const std::string& text) {
            const Result<Duration> parsed = ParseDuration(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
            if (*parsed < least) {
              throw CLI::ValidationError(name,
                                         text + " is too short; write at least " + ToString(least));
            }
            duration = *parsed;
          },
          help)
      ->type_name("DURATION")
      ->default_str(ToString(duration));
}

void AddTimeout(CLI::App& command, Duration& timeout) {
  AddDuration(command,
              "--timeout",
              timeout,
              Duration(1),
              "How long to wait for the store, such as 500ms, 10s, 2m");
}

CLI::Option* AddText(CLI::App& command,
                     const std::string& name,
                     std::string& text,
                     const std::string& help) {
  const auto not_empty = [](const std::string& value) {
    return value.empty() ? std::string("the value is empty") : std::string();
  };
  return command.add_option(name, text, help)->check(not_empty);
}

CLI::Option* AddCount(CLI::App& command,
                      const std::string& name,
                      std::uint64_t& count,
                      std::int64_t min,
                      const std::string& help,
                      std::int64_t max) {
  return command.add_option_function<std::string>(
      name,
      [name, min, max, &count](const std::string& text) {
        const Result<std::int64_t> parsed = ParseInteger(text);
        if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
        if (*parsed < min) {
          throw CLI::ValidationError(name, text + " is too few: at least " + std::to_string(min));
        }
        if (*parsed > max) {
          throw CLI::ValidationError(name, text + " is too many: at most " + std::to_string(max));
        }
        count = static_cast<std::uint64_t>(*parsed);
      },
      help);
}

void AddParallel(CLI::App& command, std::uint64_t& parallel) {
  AddCount(command, "--parallel", parallel, 1, "How many groups at a time, at most 256", 256)
      ->type_name("N")
      ->default_str(std::to_string(parallel));
}

void AddStoreArguments(CLI::App& command, StoreArguments& arguments) {
  AddStoreUri(
      command,
      "STORE-URI",
      arguments.uri,
      "Where the positions are, such as sqlite:///var/lib/app/offsets.db; or a profile, @NAME")
      ->required();
  AddTimeout(command, arguments.timeout);
  AddOutput(command, arguments.form);
}

void WarnOfPassword() {
  Complain(
      "warning: a password in the URI can be seen by other users of this machine; use "
      "password-file= or password-env=");
}

Result<std::unique_ptr<OffsetStore>> Open(const BackendRegistry& registry,
                                          const StoreArguments& arguments,
                                          Purpose purpose,
                                          Deadline deadline) {
  OpenOptions options;
  options.make = purpose == Purpose::kChange;
  options.on_drift = [](const Drift& drift) { Complain("drift: " + ToString(drift)); };
  return OpenStore(registry, arguments.uri, options, deadline);
}

ExitCode Finish(const Report& report,
                const StoreArguments& arguments,
                OffsetStore& store,
                ExitCode code) {
  const ExitCode printed = Print(Render(report, arguments.form));
  const Status closed = store.Close(Deadline::After(arguments.timeout));
  const ExitCode ended = closed ? code : Fail(closed.error());
  return printed != ExitCode::kDone ? printed : ended;
}

}  // namespace offsetstore::cli
