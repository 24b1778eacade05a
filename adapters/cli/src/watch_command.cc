// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "command.h"
#include "console.h"
#include "lag_options.h"
#include "offsetstore/units.h"
#include "signals.h"
#include "table.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

// To the upper left, and clears what is below.
constexpr const char* kRedraw = "\033[H\033[J";
constexpr const char* kClear = "\033[2J";

struct WatchArguments {
  LagArguments lag;
  Duration interval = std::chrono::seconds(2);
  std::uint64_t count = 0;  ///< 0: until stopped.
};

/// Waits, or returns early once a signal asked to stop.
void WaitUntil(Deadline deadline) {
  constexpr Duration kStep{100};
  while (!StopAsked() && !deadline.Passed()) {
    // A signal ends it at once.
    static_cast<void>(
        ::poll(nullptr, 0, static_cast<int>(std::min(kStep, deadline.Remaining()).count())));
  }
}

/// One table; in place on a terminal.
ExitCode Show(const LagLook& look, const WatchArguments& arguments, const StoreInfo& info) {
  const OutputForm form = arguments.lag.store.form;
  Report report = LagReport(look);
  report.head = {{"store", StoreJson(info)}, {"time", ToString(Now())}};
  std::string text = Render(report, form);
  if (form == OutputForm::kTable) {
    const bool in_place = ::isatty(STDOUT_FILENO) == 1;
    text = ToString(Now()) + "  every " + ToString(arguments.interval) + "\n" + text;
    text = in_place ? kRedraw + FirstLines(text, OutputScreen().rows) : text + "\n";
  }
  return Print(text);
}

/// Looks again and again. What fails later than at first is told, and the next look tried.
ExitCode Watch(const LagSource& source, const WatchArguments& arguments) {
  ExitCode code = ExitCode::kDone;
  for (std::uint64_t round = 0; !StopAsked(); ++round) {
    const Deadline next = Deadline::After(arguments.interval);
    const Result<LagLook> look = source.Look();
    code = look ? Show(*look, arguments, source.store->Info()) : Fail(look.error());
    if (code != ExitCode::kDone && (look || round == 0)) return code;
    if (look) code = LagCode(*look);
    if (round + 1 == arguments.count) break;
    WaitUntil(next);
  }
  return code;
}

ExitCode RunWatch(const BackendRegistry& registry, const WatchArguments& arguments) {
  const Result<LagSource> source = OpenLag(registry, arguments.lag);
  if (!source) return Fail(source.error());
  FinishOnFirstSignal();
  const bool table = arguments.lag.store.form == OutputForm::kTable;
  if (table && ::isatty(STDOUT_FILENO) == 1) static_cast<void>(Print(kClear));
  const ExitCode code = Watch(*source, arguments);
  const Status closed = source->store->Close(Deadline::After(arguments.lag.store.timeout));
  return SignalledOr(closed ? code : Fail(closed.error()));
}

}  // namespace

void AddWatch(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("watch", "Show positions beside the logs, again and again");
  const auto arguments = std::make_shared<WatchArguments>();  // shared with the job
  AddLagArguments(*command, arguments->lag);
  AddDuration(*command,
              "--interval",
              arguments->interval,
              std::chrono::milliseconds(100),
              "How long from one look to the next");
  AddCount(*command, "--count", arguments->count, 1, "End after so many looks")->type_name("N");
  command->footer("Example:\n  offsetctl watch kafka://b1:9092 --groups 'pay.*' --sort lag");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunWatch(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
