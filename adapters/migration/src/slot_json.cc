// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "slot_json.h"

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore::migration {
namespace {

constexpr std::array kCodes = {ErrorCode::kInvalidArgument,
                               ErrorCode::kConfigInvalid,
                               ErrorCode::kUnsupported,
                               ErrorCode::kPermissionDenied,
                               ErrorCode::kUnavailable,
                               ErrorCode::kDeadlineExceeded,
                               ErrorCode::kInDoubt,
                               ErrorCode::kCorrupt,
                               ErrorCode::kInternal,
                               ErrorCode::kFenced,
                               ErrorCode::kConflict,
                               ErrorCode::kOutOfRange};

Error WrongMember(const std::string& name, std::string_view wanted) {
  return MakeError(ErrorCode::kCorrupt, "'" + name + "' is not " + std::string(wanted));
}

Result<std::string> OfHex(const std::string& name, const std::string& hex) {
  if (hex.size() % 2 != 0) return WrongMember(name, "hexadecimal");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = internal::HexValue(hex[i]);
    const int low = internal::HexValue(hex[i + 1]);
    if (high < 0 || low < 0) return WrongMember(name, "hexadecimal");
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

void PutUnlessEmpty(Json& object, const std::string& name, std::string_view text) {
  if (!text.empty()) PutText(object, name, text);
}

Result<std::string> TakeIfThere(const Json& object, const std::string& name) {
  if (!object.contains(name) && !object.contains(name + "_hex")) return std::string();
  return TakeText(object, name);
}

Result<Time> TakeTime(const Json& object, const std::string& name) {
  OS_ASSIGN_OR_RETURN(
      const std::int64_t milliseconds,
      TakeNumber(object, name, std::numeric_limits<std::int64_t>::min() / 2, Position::kMax / 2));
  return Time(std::chrono::milliseconds(milliseconds));
}

Json EntryJson(const Entry& entry) {
  Json json = {{"state", "stored"}, {"position", entry.position.value()}};
  if (entry.leader_epoch) json["leader_epoch"] = *entry.leader_epoch;
  PutUnlessEmpty(json, "topic_id", entry.topic_id);
  PutUnlessEmpty(json, "cluster_id", entry.cluster_id);
  PutUnlessEmpty(json, "metadata", entry.metadata);
  if (entry.commit_time) json["commit_time_ms"] = entry.commit_time->time_since_epoch().count();
  PutUnlessEmpty(json, "writer", entry.writer);
  return json;
}

Result<Slot> EntryOf(const Json& json) {
  Entry entry;
  OS_ASSIGN_OR_RETURN(const std::int64_t position, TakeNumber(json, "position", 0));
  entry.position = Position(position);
  if (json.contains("leader_epoch")) {
    OS_ASSIGN_OR_RETURN(
        const std::int64_t epoch,
        TakeNumber(json, "leader_epoch", -1, std::numeric_limits<std::int32_t>::max()));
    entry.leader_epoch = static_cast<std::int32_t>(epoch);
  }
  OS_ASSIGN_OR_RETURN(entry.topic_id, TakeIfThere(json, "topic_id"));
  OS_ASSIGN_OR_RETURN(entry.cluster_id, TakeIfThere(json, "cluster_id"));
  OS_ASSIGN_OR_RETURN(entry.metadata, TakeIfThere(json, "metadata"));
  if (json.contains("commit_time_ms")) {
    OS_ASSIGN_OR_RETURN(entry.commit_time, TakeTime(json, "commit_time_ms"));
  }
  OS_ASSIGN_OR_RETURN(entry.writer, TakeIfThere(json, "writer"));
  return Slot(std::move(entry));
}

Json OwnerJson(const Owner& owner) {
  Json json = {{"kind", owner.kind == Owner::Kind::kMember ? "member" : "operator"}};
  PutText(json, "name", owner.name);
  PutText(json, "host", owner.host);
  json["pid"] = owner.pid;
  PutText(json, "process", owner.process);
  PutText(json, "member_id", owner.member_id);
  PutText(json, "cluster_id", owner.cluster_id);
  json["since_ms"] = owner.since.time_since_epoch().count();
  return json;
}

Result<Owner> OwnerOf(const Json& json) {
  Owner owner;
  OS_ASSIGN_OR_RETURN(const std::string kind, TakeText(json, "kind"));
  if (kind != "member" && kind != "operator") return WrongMember("kind", "member or operator");
  owner.kind = kind == "member" ? Owner::Kind::kMember : Owner::Kind::kOperator;
  OS_ASSIGN_OR_RETURN(owner.name, TakeText(json, "name"));
  OS_ASSIGN_OR_RETURN(owner.host, TakeText(json, "host"));
  OS_ASSIGN_OR_RETURN(owner.pid, TakeNumber(json, "pid", 0));
  OS_ASSIGN_OR_RETURN(owner.process, TakeText(json, "process"));
  OS_ASSIGN_OR_RETURN(owner.member_id, TakeText(json, "member_id"));
  OS_ASSIGN_OR_RETURN(owner.cluster_id, TakeText(json, "cluster_id"));
  OS_ASSIGN_OR_RETURN(owner.since, TakeTime(json, "since_ms"));
  return owner;
}

}  // namespace

void PutText(Json& object, const std::string& name, std::string_view text) {
  if (internal::IsUtf8(text)) {
    object[name] = text;
  } else {
    object[name + "_hex"] = internal::Hex(text);
  }
}

Result<std::string> TakeText(const Json& object, const std::string& name) {
  if (!object.is_object()) return WrongMember(name, "in an object");
  if (const auto at = object.find(name); at != object.end()) {
    if (!at->is_string()) return WrongMember(name, "a text");
    return at->get<std::string>();
  }
  const auto hex = object.find(name + "_hex");
  if (hex == object.end() || !hex->is_string()) return WrongMember(name, "there");
  return OfHex(name + "_hex", hex->get<std::string>());
}

Result<std::int64_t> TakeNumber(const Json& object,
                                const std::string& name,
                                std::int64_t min,
                                std::int64_t max) {
  const std::string wanted =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  if (!object.is_object()) return WrongMember(name, "in an object");
  const auto at = object.find(name);
  if (at == object.end() || !at->is_number_integer()) return WrongMember(name, wanted);
  // Above 2^63-1 the library keeps an unsigned number, which would come out negative.
  if (at->is_number_unsigned() &&
      at->get<std::uint64_t>() > static_cast<std::uint64_t>(Position::kMax)) {
    return WrongMember(name, wanted);
  }
  const auto number = at->get<std::int64_t>();
  if (number < min || number > max) return WrongMember(name, wanted);
  return number;
}

Json SlotJson(const Slot& slot) {
  if (const auto* entry = std::get_if<Entry>(&slot)) return EntryJson(*entry);
  if (std::holds_alternative<Absent>(slot)) return {{"state", "absent"}};
  return {{"state", "unreadable"}, {"error", ErrorJson(std::get<Error>(slot))}};
}

Result<Slot> SlotOf(const Json& json) {
  OS_ASSIGN_OR_RETURN(const std::string state, TakeText(json, "state"));
  if (state == "stored") return EntryOf(json);
  if (state == "absent") return Slot(Absent{});
  if (state != "unreadable") return WrongMember("state", "stored, absent or unreadable");
  if (!json.contains("error")) return WrongMember("error", "there");
  return ErrorSlotOf(json.at("error"));
}

Json ClaimJson(const std::optional<ClaimView>& claim) {
  if (!claim) return nullptr;
  return {{"counter", claim->token.counter},
          {"nonce", claim->token.nonce.Hex()},
          {"released", claim->released},
          {"owner", OwnerJson(claim->owner)}};
}

Result<std::optional<ClaimView>> ClaimOf(const Json& json) {
  if (json.is_null()) return std::optional<ClaimView>();
  ClaimView claim;
  OS_ASSIGN_OR_RETURN(const std::int64_t counter, TakeNumber(json, "counter", 1));
  claim.token.counter = static_cast<std::uint64_t>(counter);
  OS_ASSIGN_OR_RETURN(const std::string hex, TakeText(json, "nonce"));
  const std::optional<Nonce> nonce = Nonce::FromHex(hex);
  if (!nonce) return WrongMember("nonce", "32 hexadecimal digits");
  claim.token.nonce = *nonce;
  const auto released = json.find("released");
  if (released == json.end() || !released->is_boolean())
    return WrongMember("released", "true or false");
  claim.released = released->get<bool>();
  if (!json.contains("owner")) return WrongMember("owner", "there");
  OS_ASSIGN_OR_RETURN(claim.owner, OwnerOf(json.at("owner")));
  return std::optional<ClaimView>(std::move(claim));
}

Json ErrorJson(const Error& error) {
  Json json = {{"code", ToString(error.code)}};
  PutText(json, "message", error.message);
  return json;
}

Result<Slot> ErrorSlotOf(const Json& json) {
  OS_ASSIGN_OR_RETURN(const std::string name, TakeText(json, "code"));
  OS_ASSIGN_OR_RETURN(std::string message, TakeText(json, "message"));
  for (const ErrorCode code : kCodes) {
    if (ToString(code) == name) return Slot(MakeError(code, std::move(message)));
  }
  return WrongMember("code", "the name of an error");
}

Result<Json> ParseJson(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    return MakeError(ErrorCode::kCorrupt, std::string("is not JSON: ") + error.what());
  }
}

}  // namespace offsetstore::migration
