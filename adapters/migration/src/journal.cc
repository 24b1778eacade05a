// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/journal.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "internal/flock.h"
#include "internal/macros.h"
#include "line_file.h"
#include "plan_json.h"

namespace offsetstore::migration {
namespace {

constexpr std::string_view kJournalFormat = "offsetstore-journal";

struct Opened {
  LineReader lines;
  PlanHeader header;
};

Result<Opened> OpenToRead(const std::string& path) {
  OS_ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
  OS_ASSIGN_OR_RETURN(const std::optional<Json> first, lines.Next());
  if (!first) return lines.Bad("it has no whole line: nothing was written under it");
  Result<PlanHeader> header = HeaderOf(*first, kJournalFormat);
  if (!header) {
    Error error = lines.Bad(header.error().message);
    error.code = header.error().code;
    return error;
  }
  return Opened{std::move(lines), *std::move(header)};
}

Result<internal::LockFile> LockOf(const std::string& path) {
  OS_ASSIGN_OR_RETURN(internal::LockFile lock, internal::LockFile::Open(path + ".lock"));
  const Status locked = lock.Lock(Deadline::After(Duration::zero()));
  if (locked) return lock;
  return MakeError(
      ErrorCode::kUnavailable,
      "'" + Printable(path) + "' is in use: another process runs this plan; wait for it to end");
}

bool IsDone(const StepResult& result, const Step& step) {
  return !step.Changes() || result.done == Done::kWritten || result.done == Done::kAlreadyThere;
}

bool IsDone(const GroupRun& run) {
  if (run.plan.error) return false;
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    if (!IsDone(run.results[i], run.plan.steps[i])) return false;
  }
  return true;
}

/// A file without one is what a crash left of the first write: as good as none.
Result<bool> HasWholeLine(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) && !failed) return false;
  OS_ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
  const Result<std::optional<Json>> first = lines.Next();
  return !first || first->has_value();
}

struct Resumed {
  std::unordered_set<std::string> done;
  /// `before` without the `after` that would have followed: of the batch that was interrupted.
  std::unordered_map<std::string, std::set<TopicPartition>> begun;
  std::string taken_back;         ///< The run that did it; empty: none.
  std::uint64_t whole_bytes = 0;  ///< What follows them was cut by a crash.
};

/// `before` lines that no `after` has followed yet, by group: at the end those of one batch.
using Unfollowed = std::unordered_map<std::string, std::vector<Json>>;

Status Take(Json line, Resumed& resumed, Unfollowed& unfollowed) {
  if (line.contains("before")) {
    OS_ASSIGN_OR_RETURN(const std::string group, TakeText(line.at("before"), "group"));
    unfollowed[group].push_back(std::move(line.at("before")));
  } else if (line.contains("after")) {
    OS_ASSIGN_OR_RETURN(std::string group, TakeText(line.at("after"), "group"));
    unfollowed.erase(group);
    if (line.value("done", false)) resumed.done.insert(std::move(group));
  } else if (line.contains("taken_back_by")) {
    OS_ASSIGN_OR_RETURN(resumed.taken_back, TakeText(line, "taken_back_by"));
  }
  return {};
}

Result<Resumed> ReadForResuming(LineReader& lines) {
  Resumed resumed;
  Unfollowed unfollowed;
  while (true) {
    OS_ASSIGN_OR_RETURN(std::optional<Json> line, lines.Next());
    if (!line) break;
    const Status taken = Take(*std::move(line), resumed, unfollowed);
    if (!taken) return lines.Bad(taken.error().message);
  }
  for (const auto& [group, befores] : unfollowed) {
    for (const Json& before : befores) {
      OS_ASSIGN_OR_RETURN(const GroupPlan begun, GroupOf(before));
      for (const Step& step : begun.steps) resumed.begun[group].insert(step.to);
    }
  }
  resumed.whole_bytes = lines.whole_bytes();
  return resumed;
}

Result<Resumed> Resume(const std::string& path, const PlanHeader& header) {
  OS_ASSIGN_OR_RETURN(Opened opened, OpenToRead(path));
  if (opened.header.id != header.id) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(path) + "' is the journal of another plan (" +
                         Printable(opened.header.id) + "); name another file");
  }
  OS_ASSIGN_OR_RETURN(Resumed resumed, ReadForResuming(opened.lines));
  if (resumed.taken_back.empty()) return resumed;
  return MakeError(ErrorCode::kInvalidArgument,
                   "what this plan wrote was taken back by run " + Printable(resumed.taken_back) +
                       "; make a new plan");
}

}  // namespace

struct Journal::State {
  internal::LockFile lock;
  LineWriter lines;
  Runs runs = Runs::kOnce;
  Resumed earlier;
  std::unordered_map<std::string, std::set<TopicPartition>> kept;  // Repeated runs only.

  /// Whether `before` has to say what stood at this step. A run that went on says it again.
  bool Keeps(const GroupPlan& group, const Step& step) {
    return runs == Runs::kOnce || kept[group.to].insert(step.to).second;
  }
};

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::Open(const std::string& path,
                                               const PlanHeader& header,
                                               Runs runs) {
  OS_ASSIGN_OR_RETURN(internal::LockFile lock, LockOf(path));
  OS_ASSIGN_OR_RETURN(const bool there, HasWholeLine(path));
  Resumed resumed;
  if (there) {
    OS_ASSIGN_OR_RETURN(resumed, Resume(path, header));
  }
  OS_ASSIGN_OR_RETURN(LineWriter lines, LineWriter::Append(path, resumed.whole_bytes));
  std::unique_ptr<Journal> journal(new Journal(std::make_unique<State>(
      State{std::move(lock), std::move(lines), runs, std::move(resumed), {}})));
  if (!there) OS_RETURN_IF_ERROR(journal->state_->lines.Add(HeaderJson(header, kJournalFormat)));
  return journal;
}

bool Journal::IsDone(const std::string& group) const {
  return state_->runs == Runs::kOnce && state_->earlier.done.contains(group);
}

bool Journal::WasBegun(const std::string& group, const TopicPartition& at) const {
  const auto begun = state_->earlier.begun.find(group);
  return begun != state_->earlier.begun.end() && begun->second.contains(at);
}

Status Journal::Before(const GroupPlan& group, const std::vector<bool>& write) {
  GroupPlan written{group.from, group.to, {}, {}};
  for (std::size_t i = 0; i < group.steps.size(); ++i) {
    if (write[i] && state_->Keeps(group, group.steps[i])) written.steps.push_back(group.steps[i]);
  }
  if (written.steps.empty()) return {};
  return state_->lines.Add({{"before", GroupJson(written)}});
}

Status Journal::After(const GroupRun& run) {
  if (state_->runs == Runs::kRepeated) return {};
  Json group = Json::object();
  PutText(group, "group", run.plan.from);
  return state_->lines.Add({{"after", std::move(group)}, {"done", migration::IsDone(run)}});
}

Status Journal::Sync() {
  return state_->lines.Sync();
}

Status Journal::MarkTakenBack(const std::string& path, const PlanHeader& by) {
  OS_ASSIGN_OR_RETURN(const internal::LockFile lock, LockOf(path));
  OS_ASSIGN_OR_RETURN(Opened opened, OpenToRead(path));
  OS_ASSIGN_OR_RETURN(const Resumed resumed, ReadForResuming(opened.lines));
  if (resumed.taken_back == by.id) return {};
  if (resumed.whole_bytes != by.undoes_bytes) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the run that this takes back went on since this was planned; nothing was "
                     "taken back: plan it again");
  }
  OS_ASSIGN_OR_RETURN(LineWriter lines, LineWriter::Append(path, resumed.whole_bytes));
  OS_RETURN_IF_ERROR(lines.Add({{"taken_back_by", by.id}}));
  return lines.Sync();
}

struct SnapshotReader::State {
  LineReader lines;
  PlanHeader header;
  std::unordered_map<std::string, GroupPlan> merged;  // Of those that stand there more than once.
  std::uint64_t bytes = 0;
  std::unordered_set<std::string> seen;
};

SnapshotReader::SnapshotReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SnapshotReader::~SnapshotReader() = default;

namespace {

Result<std::optional<GroupPlan>> NextBefore(LineReader& lines) {
  while (true) {
    OS_ASSIGN_OR_RETURN(const std::optional<Json> line, lines.Next());
    if (!line) return std::optional<GroupPlan>();
    if (!line->contains("before")) continue;
    Result<GroupPlan> group = GroupOf(line->at("before"));
    if (!group) return lines.Bad(group.error().message);
    return std::optional<GroupPlan>(*std::move(group));
  }
}

/// A run that went on says again what it was about to write, and a repeated one what it writes for
/// the first time: of each partition the first snapshot is the true one.
void AddUnseen(GroupPlan& into, GroupPlan group) {
  std::set<TopicPartition> there;
  for (const Step& step : into.steps) there.insert(step.to);
  for (Step& step : group.steps) {
    if (there.insert(step.to).second) into.steps.push_back(std::move(step));
  }
}

/// The groups that stand there more than once, and how long the journal is.
struct Repeated {
  std::unordered_set<std::string> groups;
  std::uint64_t bytes = 0;
};

Result<Repeated> FindRepeated(const std::string& path) {
  OS_ASSIGN_OR_RETURN(Opened opened, OpenToRead(path));
  Repeated repeated;
  std::unordered_set<std::string> once;
  while (true) {
    OS_ASSIGN_OR_RETURN(std::optional<GroupPlan> group, NextBefore(opened.lines));
    if (!group) break;
    if (!once.insert(group->from).second) repeated.groups.insert(std::move(group->from));
  }
  repeated.bytes = opened.lines.whole_bytes();
  return repeated;
}

using Groups = std::unordered_map<std::string, GroupPlan>;

Result<Groups> Merge(const std::string& path, const std::unordered_set<std::string>& repeated) {
  Groups merged;
  if (repeated.empty()) return merged;
  OS_ASSIGN_OR_RETURN(Opened opened, OpenToRead(path));
  while (true) {
    OS_ASSIGN_OR_RETURN(std::optional<GroupPlan> group, NextBefore(opened.lines));
    if (!group) return merged;
    if (!repeated.contains(group->from)) continue;
    GroupPlan& into =
        merged.try_emplace(group->from, GroupPlan{group->from, group->to, {}, {}}).first->second;
    AddUnseen(into, *std::move(group));
  }
}

}  // namespace

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(const std::string& path) {
  OS_ASSIGN_OR_RETURN(const Repeated repeated, FindRepeated(path));
  OS_ASSIGN_OR_RETURN(Groups merged, Merge(path, repeated.groups));
  OS_ASSIGN_OR_RETURN(Opened opened, OpenToRead(path));
  return std::unique_ptr<SnapshotReader>(new SnapshotReader(std::make_unique<State>(State{
      std::move(opened.lines), std::move(opened.header), std::move(merged), repeated.bytes, {}})));
}

const PlanHeader& SnapshotReader::header() const noexcept {
  return state_->header;
}

std::uint64_t SnapshotReader::bytes() const noexcept {
  return state_->bytes;
}

Result<std::optional<GroupPlan>> SnapshotReader::Next() {
  while (true) {
    OS_ASSIGN_OR_RETURN(std::optional<GroupPlan> group, NextBefore(state_->lines));
    if (!group) return group;
    const auto merged = state_->merged.find(group->from);
    if (merged == state_->merged.end()) return group;
    if (state_->seen.insert(group->from).second) return std::optional(std::move(merged->second));
  }
}

}  // namespace offsetstore::migration
