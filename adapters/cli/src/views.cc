// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "views.h"

namespace offsetstore::cli {
namespace {

std::string_view StateOf(const Slot& slot) {
  if (std::holds_alternative<Entry>(slot)) return "stored";
  return std::holds_alternative<Absent>(slot) ? "absent" : "unreadable";
}

void AddEntry(Json& row, const Entry& entry) {
  row["position"] = entry.position.value();
  if (entry.leader_epoch) row["leader_epoch"] = *entry.leader_epoch;
  if (entry.commit_time) row["commit_time"] = ToString(*entry.commit_time);
  if (!entry.metadata.empty()) row["metadata"] = entry.metadata;
  if (!entry.cluster_id.empty()) row["cluster_id"] = entry.cluster_id;
  if (!entry.writer.empty()) row["writer"] = entry.writer;
}

}  // namespace

Json StoreJson(const StoreInfo& info) {
  return {{"scheme", info.scheme},
          {"endpoint", info.endpoint},
          {"store_id", info.store_id},
          {"space", info.space}};
}

std::vector<std::string> ReadColumns() {
  return {"group",
          "topic",
          "partition",
          "position",
          "state",
          "leader_epoch",
          "commit_time",
          "metadata",
          "cluster_id",
          "writer",
          "claim",
          "held_by",
          "error"};
}

Json ReadRow(std::string_view group, const Read& read) {
  Json row = {{"group", group},
              {"topic", read.at.topic},
              {"partition", read.at.partition},
              {"state", StateOf(read.slot)}};
  if (const auto* entry = std::get_if<Entry>(&read.slot)) AddEntry(row, *entry);
  if (const auto* error = std::get_if<Error>(&read.slot)) row["error"] = ToString(*error);
  if (read.claim) row["claim"] = read.claim->token.counter;
  row["held_by"] = HolderJson(read.claim);
  return row;
}

Json HolderJson(const std::optional<ClaimView>& claim) {
  if (!claim || claim->released) return nullptr;
  return ToString(claim->owner);
}

std::string CountOf(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

Json PositionJson(const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  if (entry == nullptr) return nullptr;
  return entry->position.value();
}

}  // namespace offsetstore::cli
