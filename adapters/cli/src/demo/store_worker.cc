// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "console.h"
#include "demo/results.h"
#include "demo/workers.h"
#include "internal/macros.h"
#include "offsetstore/consumer.h"
#include "offsetstore/units.h"

namespace offsetstore::cli {
namespace {

constexpr std::chrono::milliseconds kEndCheck{10};

struct StoreWorkerArguments {
  std::string config;
  std::string results;
  std::int64_t work = 0;
};

/// Asks the run to stop when everything is read and committed.
void StopAtEnd(const std::stop_token& over, const Consumer& consumer, std::stop_source& run) {
  while (!over.stop_requested()) {
    if (consumer.State().all_at_end) run.request_stop();
    std::this_thread::sleep_for(kEndCheck);
  }
}

Status Consume(const BackendRegistry& registry, const StoreWorkerArguments& arguments) {
  OS_ASSIGN_OR_RETURN(const Results results, Results::Open(arguments.results));
  OS_ASSIGN_OR_RETURN(const Properties properties, ReadProperties(arguments.config));
  ConsumerOptions options;
  options.registry = &registry;
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<Consumer> consumer,
                      Consumer::Open(properties, options));
  const auto handle = [&](Record& record) -> Status {
    const auto number = NumberOf(record.value().value_or(""));
    if (!number) return MakeError(ErrorCode::kCorrupt, "a record without a number");
    Work(std::chrono::microseconds(arguments.work));
    return results.Add(*number);
  };
  std::stop_source run;
  const std::jthread watch([&](const std::stop_token& over) { StopAtEnd(over, *consumer, run); });
  return consumer->Run(handle, run.get_token());
}

}  // namespace

void Work(std::chrono::microseconds time) {
  // A sleep ends up to 50 us late by default, which would be a part of the work.
  ::prctl(PR_SET_TIMERSLACK, 1000UL);
  std::this_thread::sleep_for(time);
}

std::optional<std::uint64_t> NumberOf(std::string_view value) {
  const Result<std::int64_t> number = ParseInteger(value);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

void AddDemoStore(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("demo-store")->group("");
  const auto arguments = std::make_shared<StoreWorkerArguments>();  // shared with the job
  command->add_option("--config", arguments->config)->required();
  command->add_option("--results", arguments->results)->required();
  command->add_option("--work", arguments->work)->required();
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] {
      const Status consumed = Consume(registry, *arguments);
      return consumed ? ExitCode::kDone : Fail(consumed.error());
    };
  });
}

}  // namespace offsetstore::cli
