// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "plan_json.h"

#include <limits>
#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::int64_t kVersion = 1;

Json StoreNameJson(const StoreName& name) {
  Json json = Json::object();
  PutText(json, "scheme", name.scheme);
  PutText(json, "endpoint", name.endpoint);
  PutText(json, "store_id", name.store_id);
  PutText(json, "space", name.space);
  return json;
}

const Json& Member(const Json& json, const std::string& name) {
  static const Json kMissing = nullptr;
  const auto at = json.find(name);
  return at == json.end() ? kMissing : *at;
}

Result<StoreName> StoreNameOf(const Json& json) {
  StoreName name;
  OS_ASSIGN_OR_RETURN(name.scheme, TakeText(json, "scheme"));
  OS_ASSIGN_OR_RETURN(name.endpoint, TakeText(json, "endpoint"));
  OS_ASSIGN_OR_RETURN(name.store_id, TakeText(json, "store_id"));
  OS_ASSIGN_OR_RETURN(name.space, TakeText(json, "space"));
  return name;
}

template <class Enum>
Result<Enum> NamedOf(const Json& json, const std::string& member, Enum last) {
  OS_ASSIGN_OR_RETURN(const std::string name, TakeText(json, member));
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (ToString(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return MakeError(ErrorCode::kCorrupt, "'" + member + "' has no value '" + Printable(name) + "'");
}

Json StepJson(const Step& step) {
  Json json = {{"from", PartitionJson(step.from)}, {"to", PartitionJson(step.to)}};
  json["source"] = ReadJson(step.source);
  json["target"] = ReadJson(step.target);
  json["action"] = ToString(step.action);
  json["reason"] = ToString(step.reason);
  if (!step.why.empty()) PutText(json, "why", step.why);
  if (step.position) json["position"] = step.position->value();
  if (step.clamped) json["clamped"] = true;
  return json;
}

// A step that says "write" and not what or whose, or the other way round, was not written by this
// library.
Status CheckStep(const Step& step) {
  const bool writes = step.action == Action::kWrite;
  if (writes != step.position.has_value()) {
    return MakeError(ErrorCode::kCorrupt, "'position' does not go with 'action'");
  }
  if (!writes || std::holds_alternative<Entry>(step.source.slot)) return {};
  return MakeError(ErrorCode::kCorrupt, "'source' has no position that could be written");
}

Result<Step> StepOf(const Json& json) {
  Step step;
  OS_ASSIGN_OR_RETURN(step.from, PartitionOf(Member(json, "from")));
  OS_ASSIGN_OR_RETURN(step.to, PartitionOf(Member(json, "to")));
  OS_ASSIGN_OR_RETURN(step.source, ReadOf(Member(json, "source")));
  OS_ASSIGN_OR_RETURN(step.target, ReadOf(Member(json, "target")));
  OS_ASSIGN_OR_RETURN(step.action, NamedOf(json, "action", Action::kRefuse));
  OS_ASSIGN_OR_RETURN(step.reason, NamedOf(json, "reason", Reason::kMoved));
  if (json.contains("why") || json.contains("why_hex")) {
    OS_ASSIGN_OR_RETURN(step.why, TakeText(json, "why"));
  }
  if (json.contains("position")) {
    OS_ASSIGN_OR_RETURN(const std::int64_t position, TakeNumber(json, "position", 0));
    step.position = Position(position);
  }
  step.clamped = json.contains("clamped");
  step.source.at = step.from;
  step.target.at = step.to;
  OS_RETURN_IF_ERROR(CheckStep(step));
  return step;
}

}  // namespace

Json HeaderJson(const PlanHeader& header, std::string_view format) {
  Json json = {{"format", format},
               {"version", kVersion},
               {"id", header.id},
               {"made_ms", header.made.time_since_epoch().count()},
               {"from", StoreNameJson(header.from)},
               {"to", StoreNameJson(header.to)}};
  if (!header.undoes.empty()) {
    json["undoes"] = header.undoes;
    json["undoes_bytes"] = header.undoes_bytes;
  }
  return json;
}

Result<PlanHeader> HeaderOf(const Json& json, std::string_view format) {
  const Result<std::string> name = TakeText(json, "format");
  if (!name || *name != format) {
    return MakeError(ErrorCode::kCorrupt, "it is no " + std::string(format));
  }
  OS_ASSIGN_OR_RETURN(const std::int64_t version, TakeNumber(json, "version", 1));
  if (version != kVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "it is of version " + std::to_string(version) +
                         "; this program knows version " + std::to_string(kVersion));
  }
  PlanHeader header;
  OS_ASSIGN_OR_RETURN(header.id, TakeText(json, "id"));
  OS_ASSIGN_OR_RETURN(const std::int64_t made, TakeNumber(json, "made_ms", 0));
  header.made = Time(std::chrono::milliseconds(made));
  OS_ASSIGN_OR_RETURN(header.from, StoreNameOf(Member(json, "from")));
  OS_ASSIGN_OR_RETURN(header.to, StoreNameOf(Member(json, "to")));
  if (json.contains("undoes")) {
    OS_ASSIGN_OR_RETURN(header.undoes, TakeText(json, "undoes"));
    OS_ASSIGN_OR_RETURN(const std::int64_t bytes, TakeNumber(json, "undoes_bytes", 0));
    header.undoes_bytes = static_cast<std::uint64_t>(bytes);
  }
  return header;
}

Json GroupJson(const GroupPlan& group) {
  Json json = Json::object();
  PutText(json, "group", group.from);
  PutText(json, "to_group", group.to);
  if (group.error) json["error"] = ErrorJson(*group.error);
  Json& steps = json["partitions"] = Json::array();
  for (const Step& step : group.steps) steps.push_back(StepJson(step));
  return json;
}

Result<GroupPlan> GroupOf(const Json& json) {
  GroupPlan group;
  OS_ASSIGN_OR_RETURN(group.from, TakeText(json, "group"));
  OS_ASSIGN_OR_RETURN(group.to, TakeText(json, "to_group"));
  if (json.contains("error")) {
    OS_ASSIGN_OR_RETURN(const Slot error, ErrorSlotOf(json.at("error")));
    group.error = std::get<Error>(error);
  }
  const Json& steps = Member(json, "partitions");
  if (!steps.is_array()) return MakeError(ErrorCode::kCorrupt, "'partitions' is not a list");
  for (const Json& step : steps) {
    OS_ASSIGN_OR_RETURN(Step read, StepOf(step));
    group.steps.push_back(std::move(read));
  }
  return group;
}

Json PartitionJson(const TopicPartition& at) {
  Json json = Json::object();
  PutText(json, "topic", at.topic);
  json["partition"] = at.partition;
  return json;
}

Result<TopicPartition> PartitionOf(const Json& json) {
  TopicPartition at;
  OS_ASSIGN_OR_RETURN(at.topic, TakeText(json, "topic"));
  // -1: a topic as a whole that could not be read.
  OS_ASSIGN_OR_RETURN(const std::int64_t partition,
                      TakeNumber(json, "partition", -1, std::numeric_limits<std::int32_t>::max()));
  at.partition = static_cast<std::int32_t>(partition);
  return at;
}

Json ReadJson(const Read& read) {
  Json json = SlotJson(read.slot);
  if (read.claim) json["claim"] = ClaimJson(read.claim);
  return json;
}

Result<Read> ReadOf(const Json& json) {
  Read read;
  OS_ASSIGN_OR_RETURN(read.slot, SlotOf(json));
  OS_ASSIGN_OR_RETURN(read.claim, ClaimOf(Member(json, "claim")));
  return read;
}

}  // namespace offsetstore::migration
