// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/scene.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <system_error>

#include "console.h"
#include "demo/kafka.h"
#include "internal/macros.h"
#include "into/result_table.h"
#include "offsetstore/open.h"
#include "offsetstore/types.h"

namespace offsetstore::cli {
namespace {

constexpr std::uint64_t kLongestQueue = 500;
constexpr Duration kClusterWait{10000};
constexpr Duration kProduceWait{60000};

Status RemoveGroup(OffsetStore& store, const std::string& group) {
  const Deadline deadline = Deadline::After(kClusterWait);
  OS_ASSIGN_OR_RETURN(const std::vector<Read> reads, store.Fetch(group, {}, deadline));
  std::vector<Removal> removals;
  removals.reserve(reads.size());
  for (const Read& read : reads) removals.push_back({read.at, Any{}, std::nullopt});
  if (removals.empty()) return {};
  OS_ASSIGN_OR_RETURN(
      const std::vector<Outcome> outcomes,
      store.Remove(
          group, removals, ThisProcess(Owner::Kind::kOperator, "offsetctl demo"), deadline));
  for (const Outcome& outcome : outcomes) {
    if (!outcome.Ok())
      return outcome.error.value_or(MakeError(ErrorCode::kConflict, "not removed"));
  }
  return {};
}

}  // namespace

std::string_view NameOf(DemoDelivery delivery) noexcept {
  switch (delivery) {
    case DemoDelivery::kAtMostOnce:
      return "at-most-once";
    case DemoDelivery::kExactlyOnce:
      return "exactly-once";
    case DemoDelivery::kAtLeastOnce:
      break;
  }
  return "at-least-once";
}

Result<std::unique_ptr<Scene>> Scene::Build(const DemoSettings& settings) {
  std::unique_ptr<Scene> scene(new Scene(settings));
  OS_RETURN_IF_ERROR(scene->MakeFolder());
  OS_RETURN_IF_ERROR(scene->StartCluster());
  OS_RETURN_IF_ERROR(ProduceNumbers(scene->brokers_,
                                    scene->name_,
                                    settings.partitions,
                                    settings.records,
                                    Deadline::After(kProduceWait)));
  OS_RETURN_IF_ERROR(scene->WriteConfiguration());
  return scene;
}

Scene::~Scene() {
  if (!settings_.brokers.empty() && !brokers_.empty()) {
    const Status deleted = DeleteTopic(brokers_, name_, Deadline::After(kClusterWait));
    if (!deleted) Complain("note: the topic stays behind: " + deleted.error().message);
  }
  std::error_code failed;
  std::filesystem::remove_all(folder_, failed);
  if (failed) Complain("note: " + folder_.string() + " stays behind: " + failed.message());
}

Status Scene::MakeFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "offsetctl-demo.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot make " + pattern + ": " + std::generic_category().message(errno) +
                         "; set TMPDIR to a folder that can be written");
  }
  folder_ = pattern;
  name_ = "offsetstore-demo-" + Nonce::Random().Hex().substr(0, 8);
  store_ =
      settings_.store.empty() ? "sqlite://" + (folder_ / "offsets.db").string() : settings_.store;
  return {};
}

Status Scene::StartCluster() {
  if (!settings_.brokers.empty()) {
    OS_RETURN_IF_ERROR(
        CreateTopic(settings_.brokers, name_, settings_.partitions, Deadline::After(kClusterWait)));
    brokers_ = settings_.brokers;
    return {};
  }
  const std::filesystem::path log = folder_ / "cluster.log";
  OS_ASSIGN_OR_RETURN(
      Child cluster,
      Child::Start(
          {"demo-cluster", "--topic", name_, "--partitions", std::to_string(settings_.partitions)},
          log,
          true));
  Result<std::string> line = cluster.ReadLine(Deadline::After(kClusterWait));
  if (!line) {
    return MakeError(ErrorCode::kInternal, "the mock cluster did not start: " + LastLine(log));
  }
  brokers_ = *std::move(line);
  cluster_.emplace(std::move(cluster));
  return {};
}

Status Scene::WriteConfiguration() const {
  const std::filesystem::path file = folder_ / "store.properties";
  std::ofstream out(file);
  out << "bootstrap.servers=" << brokers_ << "\ngroup.id=" << name_ << "-store\nassign=" << name_
      << ":0-" << settings_.partitions - 1 << "\nenable.partition.eof=true\n"
      << StoreConfiguration();
  out.close();
  if (out) return {};
  return MakeError(ErrorCode::kUnavailable, "cannot write " + file.string());
}

std::string Scene::PlainConfiguration() const {
  return "enable.auto.commit=true\nauto.commit.interval.ms=" + std::to_string(kCommitMs) +
         "\nauto.offset.reset=earliest\n";
}

std::string Scene::StoreConfiguration() const {
  const std::string where = "offsetstore.uri=" + store_ + "\noffsetstore.start=earliest\n";
  if (settings_.delivery == DemoDelivery::kAtLeastOnce) {
    return where + "offsetstore.commit.interval=" + std::to_string(kCommitMs) +
           "ms\noffsetstore.max.uncommitted=" + std::to_string(kMaxUncommitted) + "\n";
  }
  return where + "offsetstore.delivery=" + std::string(NameOf(settings_.delivery)) +
         "\noffsetstore.batch.records=" + std::to_string(kBatch) + "\n";
}

std::uint64_t Scene::Queue() const {
  const std::uint64_t share = settings_.records / static_cast<std::uint64_t>(settings_.kills + 1);
  return std::clamp<std::uint64_t>(share / 4, 1, kLongestQueue);
}

Tally Scene::Bounds(int kills) const {
  const auto times = static_cast<std::uint64_t>(kills);
  switch (settings_.delivery) {
    case DemoDelivery::kAtLeastOnce:
      return {.repeated =
                  times * static_cast<std::uint64_t>(settings_.partitions) * kMaxUncommitted};
    case DemoDelivery::kAtMostOnce:
      return {.lost = times * kBatch};
    case DemoDelivery::kExactlyOnce:
      break;
  }
  return {};
}

Contender Scene::Plain() const {
  const std::filesystem::path results = folder_ / "plain.results";
  return {"plain librdkafka",
          {"demo-plain",
           "--brokers",
           brokers_,
           "--group",
           name_ + "-plain",
           "--topic",
           name_,
           "--partitions",
           std::to_string(settings_.partitions),
           "--queue",
           std::to_string(Queue()),
           "--commit-interval",
           std::to_string(kCommitMs),
           "--work",
           std::to_string(kWorkUs),
           "--results",
           results.string()},
          EvidenceInFile(results),
          folder_ / "plain.log"};
}

Contender Scene::Store() const {
  if (settings_.delivery == DemoDelivery::kExactlyOnce) return TableStore();
  const std::filesystem::path results = folder_ / "store.results";
  return {"offsetstore",
          {"demo-store",
           "--config",
           (folder_ / "store.properties").string(),
           "--work",
           std::to_string(kWorkUs),
           "--results",
           results.string()},
          EvidenceInFile(results),
          folder_ / "store.log"};
}

std::string Scene::Into() const {
  return store_ + (store_.find('?') == std::string::npos ? "?table=" : "&table=") + name_;
}

Contender Scene::TableStore() const {
  const Result<Uri> uri = ParseUri(store_);
  return {"offsetstore",
          {"demo-table",
           "--config",
           (folder_ / "store.properties").string(),
           "--work",
           std::to_string(kWorkUs),
           "--into",
           Into()},
          EvidenceInTable(uri ? uri->path : "", name_),
          folder_ / "store.log"};
}

Status Scene::DropTable() const {
  if (settings_.delivery != DemoDelivery::kExactlyOnce) return {};
  OS_ASSIGN_OR_RETURN(const IntoUri into, ParseInto(Into()));
  return DropResultTable(into);
}

Status Scene::Tidy(const BackendRegistry& registry) {
  // A Kafka store's positions go with the topic; the store of the demo's own with its folder.
  if (settings_.store.empty() || settings_.store.rfind("kafka:", 0) == 0) return {};
  const Deadline deadline = Deadline::After(kClusterWait);
  OS_RETURN_IF_ERROR(DropTable());
  OS_ASSIGN_OR_RETURN(const auto store, OpenStore(registry, store_, OpenOptions{}, deadline));
  OS_RETURN_IF_ERROR(RemoveGroup(*store, name_ + "-store"));
  return store->Close(deadline);
}

}  // namespace offsetstore::cli
