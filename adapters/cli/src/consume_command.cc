// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "console.h"
#include "consume_config.h"
#include "consume_loop.h"
#include "event_printer.h"
#include "internal/macros.h"
#include "into/into_run.h"
#include "signals.h"
#include "sink.h"

namespace offsetstore::cli {
namespace {

struct ConsumeArguments {
  std::string config;
  std::vector<std::string> settings;
  std::vector<std::string> topics;
  std::optional<std::string> format;
  std::string into;
  std::optional<Values> values;
  ConsumeLimits limits;
  bool verbose = false;
};

Result<std::unique_ptr<Sink>> OpenSink(const ConsumeArguments& arguments,
                                       const RecordFormat& format) {
  if (arguments.into.empty()) return StandardOutput();
  return AppendTo(arguments.into, format.ending());
}

Result<Properties> Configuration(const ConsumeArguments& arguments) {
  OS_ASSIGN_OR_RETURN(Properties file, ReadProperties(arguments.config));
  OS_ASSIGN_OR_RETURN(Properties properties,
                      WithOverrides(std::move(file), arguments.settings, arguments.topics));
  if (arguments.limits.exit_at_end) Override(properties, "enable.partition.eof", "true");
  return properties;
}

Result<std::unique_ptr<Consumer>> OpenConsumer(const BackendRegistry& registry,
                                               const ConsumeArguments& arguments,
                                               const Properties& properties,
                                               Deadline deadline) {
  ConsumerOptions options;
  options.registry = &registry;
  options.listener = std::make_shared<EventPrinter>(arguments.verbose);  // shared with the consumer
  options.open_by = deadline;
  options.max_records = arguments.limits.max_records;
  return Consumer::Open(properties, options);
}

Error Misfit(const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, what);
}

/// Records as text, to standard output or a file, at least once.
Result<ExitCode> ConsumeText(const BackendRegistry& registry, const ConsumeArguments& arguments) {
  if (arguments.values) {
    return Misfit("--values is for a table: --into 'sqlite:///PATH?table=T'");
  }
  OS_ASSIGN_OR_RETURN(
      const RecordFormat format,
      RecordFormat::Parse(arguments.format.value_or(std::string(RecordFormat::kDefault))));
  OS_ASSIGN_OR_RETURN(const Properties properties, Configuration(arguments));
  OS_RETURN_IF_ERROR(CheckAtLeastOnce(properties));
  OS_ASSIGN_OR_RETURN(
      const auto consumer,
      OpenConsumer(registry, arguments, properties, Deadline::After(arguments.limits.timeout)));
  OS_ASSIGN_OR_RETURN(const auto sink, OpenSink(arguments, format));
  // Until here nothing is in hand that a signal would have to wait for.
  FinishOnFirstSignal();
  Delivery delivery(format, *sink);
  return Consume(*consumer, delivery, arguments.limits);
}

/// Records as rows of a table, exactly once.
Result<ExitCode> ConsumeRows(const BackendRegistry& registry, const ConsumeArguments& arguments) {
  if (arguments.format) {
    return Misfit("--format is for text: a table has its columns; see --values");
  }
  OS_ASSIGN_OR_RETURN(IntoUri into, ParseInto(arguments.into));
  if (into.uri.password_in_uri) WarnOfPassword();
  OS_ASSIGN_OR_RETURN(Properties file, Configuration(arguments));
  OS_ASSIGN_OR_RETURN(const Properties properties, WithInto(std::move(file), into));
  OS_ASSIGN_OR_RETURN(const auto table,
                      NewResultTable(into, arguments.values.value_or(Values::kPlain)));
  const Deadline deadline = Deadline::After(arguments.limits.timeout);
  OS_ASSIGN_OR_RETURN(const auto consumer, OpenConsumer(registry, arguments, properties, deadline));
  OS_RETURN_IF_ERROR(PrepareTable(registry, properties, into, *table, deadline));
  FinishOnFirstSignal();
  return ConsumeInto(*table, *consumer, arguments.limits);
}

ExitCode RunConsume(const BackendRegistry& registry, const ConsumeArguments& arguments) {
  const Result<ExitCode> code = IsDatabase(arguments.into) ? ConsumeRows(registry, arguments)
                                                           : ConsumeText(registry, arguments);
  return code ? *code : Fail(code.error());
}

void AddInto(CLI::App& command, ConsumeArguments& arguments) {
  AddText(command,
          "--into",
          arguments.into,
          "Append to this file, synced, instead of printing; or write each record exactly once as "
          "a row of a table, sqlite:///PATH?table=T or postgresql://HOST/DB?table=T, in the "
          "database that keeps the positions too (the default of offsetstore.uri)")
      ->type_name("FILE|URI");
  command
      .add_option_function<std::string>(
          "--values",
          [&arguments](const std::string& name) {
            arguments.values = name == "json" ? Values::kJson : Values::kPlain;
          },
          "In a table: json puts the members of a JSON object into the columns of their names as "
          "well")
      ->check(CLI::IsMember({"plain", "json"}))
      ->type_name("FORM")
      ->default_str("plain");
}

void AddConsumeOptions(CLI::App& command, ConsumeArguments& arguments) {
  AddText(command, "--config", arguments.config, "Properties file of the consumer")
      ->required()
      ->type_name("FILE");
  command.add_option("--set", arguments.settings, "A property over the file's, may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--topic", arguments.topics, "A topic instead of the file's, may be repeated")
      ->type_name("TOPIC")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--format",
          [&arguments](const std::string& text) { arguments.format = text; },
          R"(As kcat's -f: %s %S %R %k %K %T %h %t %p %o %%, \n \r \t \xNN)")
      ->type_name("FORMAT")
      ->default_str(std::string(RecordFormat::kDefault));
  AddInto(command, arguments);
  AddCount(command,
           "--max-records",
           arguments.limits.max_records,
           1,
           "End after exactly so many records")
      ->type_name("N");
  command.add_flag("--exit-at-end",
                   arguments.limits.exit_at_end,
                   "End when every assigned partition is read to its end and committed");
  command.add_flag("--verbose", arguments.verbose, "Tell every event on standard error");
  AddTimeout(command, arguments.limits.timeout);
}

}  // namespace

void AddConsume(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("consume", "Print or save records; the position follows what is written");
  const auto arguments = std::make_shared<ConsumeArguments>();  // shared with the job
  AddConsumeOptions(*command, *arguments);
  command->footer(
      "Example:\n"
      "  offsetctl consume --config orders.properties --topic orders \\\n"
      "    --format '%t %p %o %k %s\\n' --into orders.log --exit-at-end\n"
      "  offsetctl consume --config orders.properties --topic orders \\\n"
      "    --into 'sqlite:///var/lib/app/orders.db?table=orders' --values json");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunConsume(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
