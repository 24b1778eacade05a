// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "estate.h"

#include <cstdio>
#include <map>
#include <utility>

#include "kafka_client.h"
#include "offsetstore/migration/planner.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

/// Positions of one tree are below it, those of the other from it on.
constexpr std::int64_t kApart = 10;

ZooKeeperOptions OptionsOf(const std::string& uri) {
  const auto parsed = ParseUri(uri);
  Require(static_cast<bool>(parsed), uri);
  auto options = ZooKeeperOptions::FromUri(*parsed);
  Require(static_cast<bool>(options), uri);
  return *std::move(options);
}

std::string UriOf(const Estate& estate) {
  return ServerOf(kZooKeeper) + estate.Chroot();
}

std::unique_ptr<migration::KafkaCluster> OpenCluster() {
  KafkaOptions options;
  options.brokers = testing::KafkaBrokers();
  auto cluster = migration::KafkaCluster::Open(options, Soon());
  Require(static_cast<bool>(cluster), cluster ? "" : ToString(cluster.error()));
  return *std::move(cluster);
}

void RequireOk(const Status& status) {
  Require(static_cast<bool>(status), status ? "" : ToString(status.error()));
}

/// A new broker answers that it is no coordinator yet; the store waits for that, and so many groups
/// meet each of its coordinators.
void AwaitCoordinators() {
  constexpr int kGroups = 64;
  const auto store = Open("kafka://" + testing::KafkaBrokers());
  for (int i = 0; i < kGroups; ++i) {
    const auto reads = store->Fetch("await-" + std::to_string(i), {}, Soon());
    Require(static_cast<bool>(reads), reads ? "" : ToString(reads.error()));
  }
}

template <class Value>
Value Required(Result<Value> result) {
  Require(static_cast<bool>(result), result ? "" : ToString(result.error()));
  return *std::move(result);
}

}  // namespace

Estate::Estate(Shape shape) : shape_(shape) {
  AwaitCoordinators();
  const TopicPartition last{TopicName(), shape.partitions - 1};
  testing::EnsureTopics(testing::KafkaBrokers(), {&last, 1});
  for (int i = 0; i < shape.partitions; ++i) {
    testing::Produce(testing::KafkaBrokers(), {TopicName(), i}, 2 * kApart);
  }
  MakeTree(false);
  MakeTree(true);
}

Estate& Estate::Of(Shape shape) {
  static std::map<std::pair<int, int>, Estate> made;
  return made.try_emplace(std::pair(shape.groups, shape.partitions), shape).first->second;
}

std::string Estate::TopicName() const {
  return "moved-" + std::to_string(shape_.groups) + "x" + std::to_string(shape_.partitions);
}

std::string Estate::ChrootOf(bool turned) const {
  return "/" + TopicName() + (turned ? "-b" : "-a");
}

std::vector<OldGroup> Estate::GroupsOf(bool turned) const {
  std::vector<OldGroup> groups;
  for (int i = 0; i < shape_.groups; ++i) {
    char number[16];
    std::snprintf(number, sizeof number, "-%06d", i);
    OldGroup& group = groups.emplace_back(OldGroup{TopicName() + number, {}});
    for (int at = 0; at < shape_.partitions; ++at) {
      const std::int64_t position = (i + at) % kApart + (turned ? kApart : 0);
      group.positions.push_back({TopicName(), at, position});
    }
  }
  return groups;
}

// With the nodes that consumers leave behind when they end. One that is whole is used again.
void Estate::MakeTree(bool turned) const {
  const std::string chroot = ChrootOf(turned);
  std::vector<NewNode> nodes = {{chroot, {}}, {chroot + "/consumers", {}}};
  for (const OldGroup& group : GroupsOf(turned)) {
    const std::string path = chroot + "/consumers/" + group.name;
    for (const std::string& below : {std::string(),
                                     std::string("/ids"),
                                     std::string("/owners"),
                                     "/owners/" + TopicName(),
                                     std::string("/offsets"),
                                     "/offsets/" + TopicName()}) {
      nodes.push_back({path + below, {}});
    }
    for (const OldPosition& one : group.positions) {
      nodes.push_back({path + "/offsets/" + one.topic + '/' + std::to_string(one.partition),
                       std::to_string(one.position)});
    }
  }
  const ZooKeeperHandle handle;
  if (zoo_exists(handle.get(), nodes.back().path.c_str(), 0, nullptr) == ZOK) return;
  MakeNodes(handle, nodes);
}

OpenEstate::OpenEstate(const Estate& estate)
    : source_(Open(UriOf(estate))), cluster_(OpenCluster()), watch_(OptionsOf(UriOf(estate))) {
  while (target_.size() < kHandles) {
    target_.push_back(Open("kafka://" + testing::KafkaBrokers()));
  }
}

migration::Sides OpenEstate::Plain() const {
  migration::Sides sides;
  sides.source.push_back(source_.get());
  for (const auto& store : target_) sides.target.push_back(store.get());
  return sides;
}

migration::Sides OpenEstate::Guarded() {
  migration::Sides sides = Plain();
  sides.source_watch = &watch_;
  sides.target_watch = cluster_.get();
  sides.logs = cluster_.get();
  return sides;
}

migration::Totals Migrate(const migration::Sides& sides, Shape shape) {
  const testing::TempDir folder;
  const std::string path = (folder / "plan").string();
  migration::PlanOptions planning;
  planning.rules.on_conflict = migration::OnConflict::kSource;
  planning.rules.allow_rewind = true;
  const auto writer = Required(migration::PlanWriter::Create(
      path, migration::NewPlan(sides.Source(0).Info(), sides.Target(0).Info())));
  RequireOk(migration::MakePlan(
      sides, planning, [&](const migration::GroupPlan& group) { return writer->Add(group); }));
  RequireOk(writer->Finish());
  const auto plan = Required(migration::PlanReader::Open(path));
  migration::RunOptions options;
  options.journal_path = (folder / "journal").string();
  const migration::Totals totals = Required(migration::Apply(
      *plan, sides, options, [](const migration::GroupRun& /*run*/) { return Status(); }));
  Require(totals.written == static_cast<std::uint64_t>(shape.Positions()),
          std::to_string(totals.written) + " of " + std::to_string(shape.Positions()) +
              " positions were written");
  return totals;
}

}  // namespace offsetstore::bench
