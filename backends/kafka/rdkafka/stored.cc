// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/stored.h"

#include <utility>

#include "internal/rules.h"
#include "internal/utf8.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"

namespace offsetstore::rdkafka {
namespace {

// The broker's own limits: topic names, strings of its protocol, and the default of
// `offset.metadata.max.bytes`.
constexpr std::size_t kTopicBytes = 249;
constexpr std::size_t kGroupBytes = 32'767;
constexpr std::size_t kMetadataBytes = 4'096;

Outcome Refusal(const Move& move, ErrorCode code, std::string message) {
  return internal::Failed(move.at, MakeError(code, std::move(message)));
}

Outcome Backwards(const Move& move, const Entry& stored) {
  Outcome outcome{
      .at = move.at, .code = OutcomeCode::kConflict, .holder = {}, .conflict = {}, .error = {}};
  outcome.conflict = Conflict{
      stored, std::nullopt, "a commit never moves backwards; set the position if that is meant"};
  return outcome;
}

}  // namespace

StoreInfo InfoOfKafka(std::string endpoint, std::string cluster_id) {
  StoreInfo info;
  info.scheme = "kafka";
  info.endpoint = std::move(endpoint);
  info.store_id = std::move(cluster_id);
  info.capabilities.keeps_metadata = true;
  info.limits = Limits{.names = NameDomain::kKafkaTopic,
                       .topic_bytes = kTopicBytes,
                       .group_bytes = kGroupBytes,
                       .metadata_bytes = kMetadataBytes,
                       .atomic_batch = 0};
  info.durability = Durability::kReplicaLoss;
  info.durability_note =
      "an acknowledged commit is in memory on every in-sync replica of __consumer_offsets: it "
      "survives one machine where that topic has more than one replica, and may be lost when all "
      "of them lose power at once";
  return info;
}

Slot ToSlot(const rd_kafka_topic_partition_t& answer, const std::string& cluster_id) {
  if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(answer.err, Effect::kRead, "position of " + ToString(At(answer)));
  }
  if (!Position::IsValid(answer.offset)) return Absent{};
  Entry entry;
  entry.position = Position(answer.offset);
  entry.leader_epoch = LeaderEpoch(answer);
  entry.cluster_id = cluster_id;
  entry.metadata = Metadata(answer);
  return entry;
}

void AddMove(PartitionList& list, const Move& move) {
  rd_kafka_topic_partition_t& element = list.Add(move.at, move.to.value());
  SetMetadata(element, move.metadata);
  SetLeaderEpoch(element, move.leader_epoch);
}

std::optional<Outcome> Refused(const Move& move) {
  if (move.claim || move.from || std::holds_alternative<ClaimToken>(move.expect)) {
    return Refusal(move,
                   ErrorCode::kUnsupported,
                   "Kafka keeps no claims and cannot compare the stored position within a write");
  }
  if (move.kind == Kind::kRewind) {
    return Refusal(move,
                   ErrorCode::kInvalidArgument,
                   "a rewind needs a claim, and Kafka keeps none; set the position");
  }
  if (!internal::IsUtf8(move.metadata)) {
    return Refusal(move,
                   ErrorCode::kInvalidArgument,
                   "Kafka keeps metadata as text; these bytes are not valid UTF-8");
  }
  return std::nullopt;
}

std::optional<Outcome> Decided(const Move& move, const Slot& stored) {
  if (const auto* error = std::get_if<Error>(&stored)) return internal::Failed(move.at, *error);
  const auto* entry = std::get_if<Entry>(&stored);
  if (entry == nullptr || move.kind == Kind::kSet) return std::nullopt;
  if (move.to < entry->position) return Backwards(move, *entry);
  if (IsTarget(stored, move)) return internal::AlreadyApplied(move.at);
  return std::nullopt;
}

bool IsTarget(const Slot& stored, const Move& move) {
  const auto* entry = std::get_if<Entry>(&stored);
  if (entry == nullptr || entry->position != move.to || entry->metadata != move.metadata) {
    return false;
  }
  // An epoch that is not known, or cannot be stored, makes no other target.
  return !HasLeaderEpochs() || !move.leader_epoch || entry->leader_epoch == move.leader_epoch;
}

}  // namespace offsetstore::rdkafka
