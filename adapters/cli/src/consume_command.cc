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
#include "signals.h"
#include "sink.h"

namespace offsetstore::cli {
namespace {

struct ConsumeArguments {
  std::string config;
  std::vector<std::string> settings;
  std::vector<std::string> topics;
  std::string format = std::string(RecordFormat::kDefault);
  std::string into;
  ConsumeLimits limits;
  bool verbose = false;
};

Result<std::unique_ptr<Sink>> OpenSink(const ConsumeArguments& arguments,
                                       const RecordFormat& format) {
  if (arguments.into.empty()) return StandardOutput();
  return AppendTo(arguments.into, format.ending());
}

Result<std::unique_ptr<Consumer>> OpenConsumer(const BackendRegistry& registry,
                                               const ConsumeArguments& arguments) {
  OS_ASSIGN_OR_RETURN(Properties file, ReadProperties(arguments.config));
  OS_ASSIGN_OR_RETURN(Properties properties,
                      WithOverrides(std::move(file), arguments.settings, arguments.topics));
  if (arguments.limits.exit_at_end) Override(properties, "enable.partition.eof", "true");
  ConsumerOptions options;
  options.registry = &registry;
  options.listener = std::make_shared<EventPrinter>(arguments.verbose);  // shared with the consumer
  options.open_by = Deadline::After(arguments.limits.timeout);
  return Consumer::Open(properties, options);
}

ExitCode RunConsume(const BackendRegistry& registry, const ConsumeArguments& arguments) {
  const Result<RecordFormat> format = RecordFormat::Parse(arguments.format);
  if (!format) return Fail(format.error());
  const auto consumer = OpenConsumer(registry, arguments);
  if (!consumer) return Fail(consumer.error());
  const auto sink = OpenSink(arguments, *format);
  if (!sink) return Fail(sink.error());
  // Until here nothing is in hand that a signal would have to wait for.
  FinishOnFirstSignal();
  Delivery delivery(*format, **sink);
  return Consume(**consumer, delivery, arguments.limits);
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
      .add_option("--format",
                  arguments.format,
                  "As kcat's -f: %s %S %R %k %K %T %h %t %p %o %%, \\n \\r \\t \\xNN; default "
                  "%s\\n")
      ->type_name("FORMAT");
  AddText(command, "--into", arguments.into, "Append to this file, synced, instead of printing")
      ->type_name("FILE");
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
      "    --format '%t %p %o %k %s\\n' --into orders.log --exit-at-end");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunConsume(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
