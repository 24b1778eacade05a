// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/plan_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "internal/macros.h"
#include "line_file.h"
#include "plan_json.h"

namespace offsetstore::migration {
namespace {

constexpr std::string_view kPlanFormat = "offsetstore-plan";

Json EndJson(std::uint64_t groups, const LineChain& lines) {
  return {{"end", true}, {"groups", groups}, {"chain", lines.digits()}};
}

/// Whether the last line, `end`, stands behind the lines that it was written behind.
bool EndsWhatIsBefore(const Json& end, std::uint64_t groups, const LineChain& lines) {
  const Result<std::int64_t> told = TakeNumber(end, "groups", 0);
  const Result<std::string> chain = TakeText(end, "chain");
  return told && static_cast<std::uint64_t>(*told) == groups && chain && *chain == lines.digits();
}

Error NotAPlan(const LineReader& lines, const Error& why) {
  Error error = lines.Bad(why.message + "; name a file that --plan-out made, as it was made");
  error.code = why.code;
  return error;
}

}  // namespace

StoreName NameOf(const StoreInfo& info) {
  return {info.scheme, info.endpoint, info.store_id, info.space};
}

std::string ToString(const StoreName& name) {
  std::string text = name.scheme + " " + name.endpoint;
  if (!name.space.empty()) text += " (space " + Printable(name.space) + ")";
  return text;
}

Status CheckSame(const StoreName& name, const StoreInfo& info, const char* side) {
  if (name.store_id == info.store_id && name.space == info.space && name.scheme == info.scheme) {
    return {};
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   "the plan was made for another " + std::string(side) + ": " + ToString(name) +
                       " with id " + Printable(name.store_id) + ", not " + ToString(NameOf(info)) +
                       " with id " + Printable(info.store_id));
}

PlanHeader NewPlan(const StoreInfo& from, const StoreInfo& to) {
  PlanHeader header;
  header.id = Nonce::Random().Hex();
  header.made = Now();
  header.from = NameOf(from);
  header.to = NameOf(to);
  return header;
}

struct PlanWriter::State {
  std::string path;
  std::string staged;
  LineWriter lines;
  std::uint64_t groups = 0;
};

PlanWriter::PlanWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

PlanWriter::~PlanWriter() {
  std::remove(state_->staged.c_str());
}

Result<std::unique_ptr<PlanWriter>> PlanWriter::Create(const std::string& path,
                                                       const PlanHeader& header) {
  std::error_code unused;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, unused))) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(path) + "' exists already; a plan overwrites nothing");
  }
  std::string staged = path + "." + header.id + ".part";
  OS_ASSIGN_OR_RETURN(LineWriter lines, LineWriter::Create(staged));
  std::unique_ptr<PlanWriter> writer(
      new PlanWriter(std::make_unique<State>(State{path, std::move(staged), std::move(lines), 0})));
  OS_RETURN_IF_ERROR(writer->state_->lines.Add(HeaderJson(header, kPlanFormat)));
  return writer;
}

Status PlanWriter::Add(const GroupPlan& group) {
  ++state_->groups;
  return state_->lines.Add(GroupJson(group));
}

Status PlanWriter::Finish() {
  OS_RETURN_IF_ERROR(state_->lines.Add(EndJson(state_->groups, state_->lines.chain())));
  OS_RETURN_IF_ERROR(state_->lines.Sync());
  // A link and not a rename: it refuses where somebody made such a file meanwhile.
  if (::link(state_->staged.c_str(), state_->path.c_str()) != 0) {
    return MakeError(ErrorCode::kUnavailable,
                     "'" + Printable(state_->path) +
                         "' cannot be made: " + std::generic_category().message(errno));
  }
  return SyncFolderOf(state_->path);
}

struct PlanReader::State {
  LineReader lines;
  PlanHeader header;
  PlanSize size;
  bool ended = false;
};

PlanReader::PlanReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
PlanReader::~PlanReader() = default;

namespace {

Result<PlanHeader> ReadHeader(LineReader& lines) {
  OS_ASSIGN_OR_RETURN(const std::optional<Json> first, lines.Next());
  if (!first) return NotAPlan(lines, MakeError(ErrorCode::kCorrupt, "it has no whole line"));
  Result<PlanHeader> header = HeaderOf(*first, kPlanFormat);
  if (!header) return NotAPlan(lines, header.error());
  return header;
}

void Count(const GroupPlan& group, PlanSize& size) {
  ++size.groups;
  for (const Step& step : group.steps) {
    if (step.Changes()) ++size.changes;
    if (step.action == Action::kRefuse) ++size.refused;
  }
}

/// The whole file once, so that nothing is done on the word of one that is damaged further down.
Result<PlanSize> ReadWhole(const std::string& path) {
  OS_ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
  OS_RETURN_IF_ERROR(ReadHeader(lines));
  PlanSize size;
  while (true) {
    const LineChain before = lines.chain();
    OS_ASSIGN_OR_RETURN(const std::optional<Json> line, lines.Next());
    if (!line) {
      return lines.Bad("it ends here, before its end: it was cut; make the plan again");
    }
    if (line->contains("end")) {
      if (EndsWhatIsBefore(*line, size.groups, before)) break;
      return lines.Bad(
          "the lines before it are not those that were written: one is missing, doubled, moved or "
          "of another plan; make the plan again");
    }
    const Result<GroupPlan> group = GroupOf(*line);
    if (!group) return NotAPlan(lines, group.error());
    Count(*group, size);
  }
  OS_ASSIGN_OR_RETURN(const std::optional<Json> more, lines.Next());
  if (more || lines.torn()) return lines.Bad("there is more behind its end");
  return size;
}

}  // namespace

Result<std::unique_ptr<PlanReader>> PlanReader::Open(const std::string& path) {
  OS_ASSIGN_OR_RETURN(const PlanSize size, ReadWhole(path));
  OS_ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
  OS_ASSIGN_OR_RETURN(PlanHeader header, ReadHeader(lines));
  return std::unique_ptr<PlanReader>(new PlanReader(
      std::make_unique<State>(State{std::move(lines), std::move(header), size, false})));
}

const PlanHeader& PlanReader::header() const noexcept {
  return state_->header;
}

const PlanSize& PlanReader::size() const noexcept {
  return state_->size;
}

Result<std::optional<GroupPlan>> PlanReader::Next() {
  if (state_->ended) return std::optional<GroupPlan>();
  OS_ASSIGN_OR_RETURN(const std::optional<Json> line, state_->lines.Next());
  if (!line) return state_->lines.Bad("it ends here, before its end: it was cut");
  state_->ended = line->contains("end");
  if (state_->ended) return std::optional<GroupPlan>();
  OS_ASSIGN_OR_RETURN(GroupPlan group, GroupOf(*line));
  return std::optional<GroupPlan>(std::move(group));
}

}  // namespace offsetstore::migration
