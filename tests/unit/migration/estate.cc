// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "estate.h"

#include "offsetstore/backends/memory.h"

namespace offsetstore::testing {
namespace {

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(10));
}

std::unique_ptr<OffsetStore> Memory() {
  auto store = OpenMemoryStore({});
  REQUIRE(store);
  return *std::move(store);
}

}  // namespace

Result<std::vector<Result<mig::Liveness>>> FakeWatch::Look(std::span<const std::string> groups,
                                                           Deadline) {
  if (on_look) on_look();
  if (error) return *error;
  std::vector<Result<mig::Liveness>> answers;
  for (const std::string& group : groups) {
    const auto at = live.find(group);
    answers.emplace_back(at == live.end() ? mig::Liveness{} : mig::Liveness{true, at->second});
  }
  return answers;
}

Result<std::optional<mig::LogView::Ranges>> FakeLogs::Topic(const std::string& topic, Deadline) {
  const auto at = topics.find(topic);
  if (at == topics.end()) return std::optional<Ranges>();
  return std::optional<Ranges>(at->second);
}

Estate::Estate() : source(Memory()), target(Memory()) {
  run_options.journal_path = Path("journal");
  run_options.pace.parallel = 4;
  plan_options.pace = run_options.pace;
}

mig::Sides Estate::sides() {
  mig::Sides sides{{&source}, {&target}};
  sides.source_watch = &source_watch;
  sides.target_watch = &target_watch;
  if (with_logs) sides.logs = &logs;
  return sides;
}

std::string Estate::Path(const std::string& name) const {
  return (dir.path() / name).string();
}

void Estate::Set(OffsetStore& store,
                 const std::string& group,
                 const TopicPartition& at,
                 std::int64_t position,
                 const std::string& metadata) {
  Move move;
  move.at = at;
  move.to = Position(position);
  move.kind = Kind::kSet;
  move.metadata = metadata;
  const std::vector<Move> moves = {move};
  const auto outcomes = store.Commit(
      group, moves, ThisProcess(Owner::Kind::kOperator, "test"), Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().Ok());
}

void Estate::Remove(OffsetStore& store, const std::string& group, const TopicPartition& at) {
  const std::vector<Removal> removals = {{at, Any{}, {}}};
  const auto outcomes =
      store.Remove(group, removals, ThisProcess(Owner::Kind::kOperator, "test"), Soon());
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().Ok());
}

std::int64_t Estate::Get(OffsetStore& store, const std::string& group, const TopicPartition& at) {
  const auto reads = store.Fetch(group, {{at}, {}}, Soon());
  REQUIRE(reads);
  const Slot& slot = reads->front().slot;
  REQUIRE_FALSE(std::holds_alternative<Error>(slot));
  const auto* entry = std::get_if<Entry>(&slot);
  return entry == nullptr ? -1 : entry->position.value();
}

std::vector<mig::GroupPlan> Estate::Plan() {
  std::vector<mig::GroupPlan> groups;
  const Status planned = mig::MakePlan(sides(), plan_options, [&](mig::GroupPlan group) {
    groups.push_back(std::move(group));
    return Status();
  });
  REQUIRE(planned);
  return groups;
}

std::string Estate::PlanFile(const std::string& name) {
  std::string path = Path(name);
  auto writer = mig::PlanWriter::Create(path, mig::NewPlan(source.Info(), target.Info()));
  REQUIRE(writer);
  for (const mig::GroupPlan& group : Plan()) REQUIRE((*writer)->Add(group));
  REQUIRE((*writer)->Finish());
  return path;
}

Result<mig::Totals> Estate::Apply(const std::string& plan) {
  runs.clear();
  auto reader = mig::PlanReader::Open(plan);
  REQUIRE(reader);
  auto totals = mig::Apply(**reader, sides(), run_options, [&](mig::GroupRun run) {
    runs.push_back(std::move(run));
    return Status();
  });
  if (!totals) MESSAGE(ToString(totals.error()));
  return totals;
}

Result<mig::Totals> Estate::Verify(const std::string& plan) {
  runs.clear();
  auto reader = mig::PlanReader::Open(plan);
  REQUIRE(reader);
  return mig::Verify(**reader, sides(), run_options, [&](mig::GroupRun run) {
    runs.push_back(std::move(run));
    return Status();
  });
}

Result<mig::Totals> Estate::RollBack() {
  auto snapshot = mig::SnapshotReader::Open(run_options.journal_path);
  if (!snapshot) return snapshot.error();
  const mig::PlanHeader header = mig::NewRollback(**snapshot);
  const std::string path = Path("rollback-" + header.id);
  auto writer = mig::PlanWriter::Create(path, header);
  REQUIRE(writer);
  const Status planned = mig::PlanRollback(
      **snapshot, sides(), plan_options.rules, run_options.pace, [&](const mig::GroupPlan& group) {
        return (*writer)->Add(group);
      });
  if (!planned) return planned.error();
  REQUIRE((*writer)->Finish());
  run_options.taken_back_path = run_options.journal_path;
  run_options.journal_path = Path("journal-" + header.id);
  auto totals = Apply(path);
  run_options.taken_back_path.clear();
  return totals;
}

Planned::Planned() {
  for (const char* group : {"a", "b", "c"}) {
    Estate::Set(estate.source, group, {"orders", 0}, 5);
    Estate::Set(estate.source, group, {"orders", 1}, 6);
  }
  estate.run_options.pace.parallel = 1;
  plan = estate.PlanFile();
}

void Planned::CheckWhole() {
  for (const char* group : {"a", "b", "c"}) {
    CHECK(Estate::Get(estate.target, group, {"orders", 0}) == 5);
    CHECK(Estate::Get(estate.target, group, {"orders", 1}) == 6);
  }
}

}  // namespace offsetstore::testing
