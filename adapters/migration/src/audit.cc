// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/audit.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "internal/macros.h"
#include "line_file.h"
#include "plan_json.h"

namespace offsetstore::migration {
namespace {

std::string UserName() {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, room.data(), room.size(), &found);
  return found == nullptr ? std::to_string(::geteuid()) : std::string(found->pw_name);
}

std::optional<std::int64_t> PositionOf(const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  if (entry == nullptr) return std::nullopt;
  return entry->position.value();
}

bool IsChange(const Step& step, const StepResult& result) {
  return step.Changes() && (result.done == Done::kWritten || result.done == Done::kInDoubt ||
                            result.done == Done::kMismatch || result.untold);
}

Json Number(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json ChangeJson(const Change& change) {
  Json json = {{"time_ms", change.time.time_since_epoch().count()}};
  PutText(json, "user", change.user);
  PutText(json, "host", change.host);
  json["plan"] = change.plan;
  if (!change.undoes.empty()) json["undoes"] = change.undoes;
  PutText(json, "store", change.store);
  PutText(json, "group", change.group);
  PutText(json, "topic", change.at.topic);
  json["partition"] = change.at.partition;
  json["before"] = Number(change.before);
  json["after"] = Number(change.after);
  json["outcome"] = change.outcome;
  return json;
}

Result<std::optional<std::int64_t>> TakePosition(const Json& json, const std::string& name) {
  if (json.contains(name) && json.at(name).is_null()) return std::optional<std::int64_t>();
  OS_ASSIGN_OR_RETURN(const std::int64_t number, TakeNumber(json, name, 0));
  return std::optional<std::int64_t>(number);
}

Result<Change> ChangeOf(const Json& json) {
  Change change;
  OS_ASSIGN_OR_RETURN(const std::int64_t time, TakeNumber(json, "time_ms", 0));
  change.time = Time(std::chrono::milliseconds(time));
  OS_ASSIGN_OR_RETURN(change.user, TakeText(json, "user"));
  OS_ASSIGN_OR_RETURN(change.host, TakeText(json, "host"));
  OS_ASSIGN_OR_RETURN(change.plan, TakeText(json, "plan"));
  if (json.contains("undoes")) {
    OS_ASSIGN_OR_RETURN(change.undoes, TakeText(json, "undoes"));
  }
  OS_ASSIGN_OR_RETURN(change.store, TakeText(json, "store"));
  OS_ASSIGN_OR_RETURN(change.group, TakeText(json, "group"));
  OS_ASSIGN_OR_RETURN(change.at, PartitionOf(json));
  OS_ASSIGN_OR_RETURN(change.before, TakePosition(json, "before"));
  OS_ASSIGN_OR_RETURN(change.after, TakePosition(json, "after"));
  OS_ASSIGN_OR_RETURN(change.outcome, TakeText(json, "outcome"));
  return change;
}

bool EndsInLine(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() <= 0) return true;
  file.seekg(-1, std::ios::end);
  return file.get() == '\n';
}

}  // namespace

struct Audit::State {
  LineWriter lines;
  std::string user;
  std::string host;
};

Audit::Audit(std::unique_ptr<State> state) : state_(std::move(state)) {}
Audit::~Audit() = default;

Result<std::unique_ptr<Audit>> Audit::Open(const std::string& path) {
  const bool torn = !EndsInLine(path);
  OS_ASSIGN_OR_RETURN(LineWriter lines, LineWriter::Append(path));
  // What a crash cut stays as a line of its own, so that it spoils no other.
  if (torn) OS_RETURN_IF_ERROR(lines.EndLine());
  return std::unique_ptr<Audit>(new Audit(std::make_unique<State>(
      State{std::move(lines), UserName(), ThisProcess(Owner::Kind::kOperator).host})));
}

Status Audit::Add(const PlanHeader& header, const GroupRun& run) {
  // What an earlier call could not hand over: more is not gathered behind it.
  OS_RETURN_IF_ERROR(state_->lines.Flush());
  Change change;
  change.time = Now();
  change.user = state_->user;
  change.host = state_->host;
  change.plan = header.id;
  change.undoes = header.undoes;
  change.store = ToString(header.to);
  change.group = run.plan.to;
  for (std::size_t i = 0; i < run.results.size(); ++i) {
    const Step& step = run.plan.steps[i];
    if (!IsChange(step, run.results[i])) continue;
    change.at = step.to;
    change.before = PositionOf(step.target.slot);
    change.after = std::nullopt;
    if (step.position) change.after = step.position->value();
    // What a run before may have written, and somebody moved since.
    const bool moved = run.results[i].untold && run.results[i].done == Done::kRefused;
    change.outcome = ToString(moved ? Done::kInDoubt : run.results[i].done);
    OS_RETURN_IF_ERROR(state_->lines.Add(ChangeJson(change)));
  }
  return state_->lines.Flush();
}

Status Audit::Sync() {
  return state_->lines.Sync();
}

Status ReadAudit(const std::string& path,
                 const std::function<void(const Change&)>& take,
                 const std::function<void(const Error&)>& damaged) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed) && !failed) return {};
  OS_ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
  while (true) {
    const Result<std::optional<Json>> line = lines.Next();
    if (!line && line.error().code != ErrorCode::kCorrupt) return line.error();
    if (!line) {
      damaged(line.error());
      continue;
    }
    if (!*line) return {};
    const Result<Change> change = ChangeOf(**line);
    if (change) {
      take(*change);
    } else {
      damaged(lines.Bad(change.error().message));
    }
  }
}

}  // namespace offsetstore::migration
