// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "command.h"
#include "console.h"
#include "demo/scene.h"
#include "demo/workers.h"
#include "internal/macros.h"
#include "offsetstore/open.h"
#include "offsetstore/uri.h"
#include "signals.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

// The mock cluster keeps at most so many records of a partition.
constexpr std::uint64_t kMockKeeps = 100000;

struct DemoArguments {
  DemoSettings settings;
  OutputForm form = OutputForm::kTable;
};

struct Comparison {
  Verdict plain;
  Verdict store;
  Tally bounds;  ///< Of what is lost, and repeated.

  [[nodiscard]] bool Holds() const noexcept {
    return store.tally.lost <= bounds.lost && store.tally.repeated <= bounds.repeated;
  }
};

std::string Indented(std::string lines) {
  std::string out;
  for (std::size_t end = lines.find('\n'); end != std::string::npos; end = lines.find('\n')) {
    out += "    " + lines.substr(0, end + 1);
    lines.erase(0, end + 1);
  }
  return Redacted(out);
}

std::string Introduction(const DemoSettings& settings, const Scene& scene) {
  const std::string cluster =
      settings.brokers.empty() ? "librdkafka's mock cluster, in a process of its own (real ones: "
                                 "--brokers)"
                               : "the brokers " + scene.brokers();
  return "Kafka:    " + cluster + "\nRecords:  " + std::to_string(settings.records) +
         ", numbered, in " + std::to_string(settings.partitions) + " partitions; each costs " +
         std::to_string(Scene::kWorkUs) +
         " us of work\nKills:    " + std::to_string(settings.kills) +
         " by SIGKILL at random points (again: --seed " + std::to_string(settings.seed) +
         ")\n\nplain librdkafka: records go to a worker thread, " + std::to_string(scene.Queue()) +
         " at most wait for it\n" + Indented(scene.PlainConfiguration()) + "offsetstore, " +
         std::string(NameOf(settings.delivery)) +
         (settings.delivery == DemoDelivery::kExactlyOnce
              ? ": results in a table of the same database\n"
              : ":\n") +
         Indented(scene.StoreConfiguration()) + "\n";
}

Json RowOf(const std::string& consumer, const Verdict& verdict) {
  return {{"consumer", consumer},
          {"kills", verdict.kills},
          {"processed", verdict.tally.processed},
          {"lost", verdict.tally.lost},
          {"repeated", verdict.tally.repeated}};
}

Report ReportOf(const DemoSettings& settings, const Scene& scene, const Comparison& comparison) {
  Report report;
  report.head = {{"cluster", settings.brokers.empty() ? "mock" : scene.brokers()},
                 {"records", settings.records},
                 {"partitions", settings.partitions},
                 {"seed", settings.seed},
                 {"delivery", NameOf(settings.delivery)},
                 {"store", Redacted(scene.store())},
                 {"plain_configuration", scene.PlainConfiguration()},
                 {"store_configuration", Redacted(scene.StoreConfiguration())},
                 {"holds", comparison.Holds()}};
  report.rows_name = "consumers";
  report.columns = {"consumer", "kills", "processed", "lost", "repeated", "bound"};
  report.rows = {RowOf("plain librdkafka", comparison.plain),
                 RowOf("offsetstore", comparison.store)};
  report.rows[1]["bound"] = comparison.bounds.lost + comparison.bounds.repeated;
  return report;
}

std::string Counted(std::uint64_t count, std::uint64_t bound) {
  return std::to_string(count) + (bound == 0 ? "" : " (bound " + std::to_string(bound) + ")");
}

std::string Summary(const Comparison& comparison) {
  const Tally& tally = comparison.store.tally;
  return "lost " + Counted(tally.lost, comparison.bounds.lost) + ", repeated " +
         Counted(tally.repeated, comparison.bounds.repeated) + "\n";
}

ExitCode Judge(const DemoArguments& arguments, const Scene& scene, const Comparison& comparison) {
  std::string text = Render(ReportOf(arguments.settings, scene, comparison), arguments.form);
  if (arguments.form == OutputForm::kTable) text += "\n" + Summary(comparison);
  if (const ExitCode printed = Print(text); printed != ExitCode::kDone) return printed;
  if (comparison.Holds()) return ExitCode::kDone;
  Complain("demo: more records were lost or repeated than the configuration allows: a defect");
  return ExitCode::kVerification;
}

Status CheckBrokers(const std::string& brokers) {
  // Brokers have no user: what stands before an `@` may be a password, so it is not repeated.
  if (brokers.find('@') == std::string::npos) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "--brokers: write HOST:PORT,... without user and password");
}

Status CheckDelivery(DemoDelivery delivery, const Uri& store) {
  const std::string mode = "--delivery " + std::string(NameOf(delivery)) + ": ";
  if (delivery == DemoDelivery::kExactlyOnce && store.scheme != "sqlite") {
    return MakeError(ErrorCode::kInvalidArgument,
                     mode +
                         "the demo keeps its results in the database of the positions, which "
                         "it can in SQLite: --store sqlite:///PATH, or leave --store out");
  }
  if (delivery == DemoDelivery::kAtMostOnce && store.scheme == "kafka") {
    return MakeError(ErrorCode::kInvalidArgument,
                     mode + "kafka: keeps no claims; choose another store, or leave --store out");
  }
  return {};
}

/// Fails early where the store cannot do what the demo shows.
Status CheckSettings(const BackendRegistry& registry, const DemoSettings& settings) {
  OS_RETURN_IF_ERROR(CheckBrokers(settings.brokers));
  if (settings.brokers.empty() &&
      settings.records > kMockKeeps * static_cast<std::uint64_t>(settings.partitions)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--records: the mock cluster keeps 400000 at most; for more give --brokers");
  }
  if (settings.records < static_cast<std::uint64_t>(settings.kills + 1) * 10) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "--records: at least 10 for each kill, so that each hits the middle of the work");
  }
  if (settings.store.empty()) return {};
  OS_ASSIGN_OR_RETURN(const Uri uri, ParseUri(settings.store));
  OS_RETURN_IF_ERROR(CheckDelivery(settings.delivery, uri));
  if (uri.scheme == "kafka") return {};
  const Deadline deadline = Deadline::After(std::chrono::seconds(10));
  OS_ASSIGN_OR_RETURN(const auto store,
                      OpenStore(registry, settings.store, OpenOptions{}, deadline));
  if (store->Info().durability == Durability::kProcess) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--store: what this store holds does not outlive its process, so a kill loses "
                     "it; choose file: or sqlite:");
  }
  return store->Close(deadline);
}

ExitCode Failed(const Error& error) {
  const ExitCode code = SignalledOr(ExitCodeOf(error));
  Complain(ToString(error));
  return code;
}

ExitCode RunDemo(const BackendRegistry& registry, const DemoArguments& arguments) {
  const DemoSettings& settings = arguments.settings;
  if (const Status fine = CheckSettings(registry, settings); !fine) return Fail(fine.error());
  FinishOnFirstSignal();
  const auto scene = Scene::Build(settings);
  if (!scene) return Failed(scene.error());
  if (arguments.form == OutputForm::kTable) {
    const ExitCode printed = Print(Introduction(settings, **scene));
    if (printed != ExitCode::kDone) return printed;
  }
  const Ordeal ordeal{settings.records, settings.kills, settings.seed};
  const Result<Verdict> plain = Run((*scene)->Plain(), ordeal);
  if (!plain) return Failed(plain.error());
  const Result<Verdict> store = Run((*scene)->Store(), ordeal);
  if (const Status tidy = (*scene)->Tidy(registry); !tidy) {
    Complain("note: the demo's group stays in the store: " + ToString(tidy.error()));
  }
  if (!store) return Failed(store.error());
  return Judge(arguments, **scene, {*plain, *store, (*scene)->Bounds(store->kills)});
}

void AddDelivery(CLI::App& command, DemoDelivery& delivery) {
  static const std::map<std::string, DemoDelivery> kDeliveries = {
      {"at-least-once", DemoDelivery::kAtLeastOnce},
      {"at-most-once", DemoDelivery::kAtMostOnce},
      {"exactly-once", DemoDelivery::kExactlyOnce}};
  command
      .add_option_function<std::string>(
          "--delivery",
          [&delivery](const std::string& name) { delivery = kDeliveries.at(name); },
          "What the consumer with the store promises: at-least-once, at-most-once, exactly-once")
      ->check(CLI::IsMember({"at-least-once", "at-most-once", "exactly-once"}))
      ->type_name("MODE")
      ->default_str("at-least-once");
}

void AddDemoOptions(CLI::App& command, DemoArguments& arguments) {
  AddDelivery(command, arguments.settings.delivery);
  AddStoreUri(command,
              "--store",
              arguments.settings.store,
              "Where positions are kept; default: SQLite, in a temporary folder");
  AddText(
      command, "--brokers", arguments.settings.brokers, "Real brokers instead of the mock cluster")
      ->type_name("HOST:PORT,...");
  command.add_option("--records", arguments.settings.records, "How many records")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{20}, Results::kMost))
      ->capture_default_str();
  command.add_option("--kills", arguments.settings.kills, "How many times each consumer is killed")
      ->type_name("K")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  AddCount(command, "--seed", arguments.settings.seed, 0, "Where the kills fall; default: random")
      ->type_name("S");
  AddOutput(command, arguments.form);
}

}  // namespace

void AddDemo(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand(
      "demo", "Kill a consumer again and again, and count: a plain one, then one with a store");
  const auto arguments = std::make_shared<DemoArguments>();  // shared with the job
  arguments->settings.seed = std::random_device()();
  AddDemoOptions(*command, *arguments);
  command->footer(
      "Example:\n  offsetctl demo --kills 20 --seed 7\n  offsetctl demo --kills 20 --seed 7 "
      "--delivery exactly-once");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunDemo(registry, *arguments); };
  });
  AddDemoCluster(app, job);
  AddDemoPlain(app, job);
  AddDemoStore(app, registry, job);
  AddDemoTable(app, registry, job);
}

}  // namespace offsetstore::cli
