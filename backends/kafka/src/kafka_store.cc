// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "kafka_store.h"

#include <algorithm>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "internal/macros.h"
#include "internal/rules.h"
#include "rdkafka/admin.h"
#include "rdkafka/commit.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"
#include "rdkafka/stored.h"

namespace offsetstore {
namespace {

using rdkafka::kChunk;
using rdkafka::PartitionList;

// How many groups are looked into at once while groups are listed.
constexpr std::size_t kGroupBatch = 256;
// A page ends at a group name, and no bytes at all are a name too.
constexpr char kAfter = '>';
// For the state of a group that refused a write; it only makes the message better.
constexpr Duration kStateWait{2000};
constexpr Duration kLogWait{200};
constexpr Duration kLogStep{5};

Error NoClaims() {
  return MakeError(ErrorCode::kUnsupported,
                   "Kafka keeps no claims: its group coordinator guards the members' commits");
}

/// Codes by which the coordinator says that the group has members.
bool IsLive(rd_kafka_resp_err_t native) {
  return rdkafka::IsFenced(native) || rdkafka::IsStaleEpoch(native) ||
         native == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
         native == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP ||
         native == RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC;
}

Error InUse(const std::string& state, const Error& refusal) {
  Error error = MakeError(
      ErrorCode::kUnavailable,
      "the group is in use" + (state.empty() ? std::string() : " (state " + state + ")") +
          ": Kafka takes its positions from its members only. Stop its consumers, wait until "
          "their session has expired, and try again (" +
          refusal.message + ")");
  error.retry = Retry::kNever;
  error.native = refusal.native;
  return error;
}

Outcome Judge(const rd_kafka_topic_partition_t& answer, const std::string& state) {
  const TopicPartition at = rdkafka::At(answer);
  if (answer.err == RD_KAFKA_RESP_ERR_NO_ERROR) return internal::Applied(at);
  const Error error =
      rdkafka::ToError(answer.err, rdkafka::Effect::kWrite, "write of " + ToString(at));
  return internal::Failed(at, IsLive(answer.err) ? InUse(state, error) : error);
}

bool IsUnanswered(const Error& error) {
  return error.native == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/// Or something that could not be read, which may be one.
bool HoldsPosition(const PartitionList& offsets) {
  const auto elements = offsets.elements();
  return std::any_of(elements.begin(), elements.end(), [](const auto& element) {
    return element.err != RD_KAFKA_RESP_ERR_NO_ERROR || Position::IsValid(element.offset);
  });
}

PartitionList Part(const PartitionList& list, std::size_t first) {
  const std::size_t count = std::min(kChunk, list.size() - first);
  PartitionList part(count);
  for (const auto& element : list.elements().subspan(first, count)) {
    rd_kafka_topic_partition_t& added = part.Add(rdkafka::At(element), element.offset);
    rdkafka::SetMetadata(added, rdkafka::Metadata(element));
    rdkafka::SetLeaderEpoch(added, rdkafka::LeaderEpoch(element));
  }
  return part;
}

template <class Request>
std::vector<TopicPartition> PartitionsOf(std::span<const Request> requests) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(requests.size());
  for (const Request& request : requests) partitions.push_back(request.at);
  return partitions;
}

std::optional<Outcome> RefusedRemoval(const Removal& removal) {
  if (!removal.from && !std::holds_alternative<ClaimToken>(removal.expect)) return std::nullopt;
  return internal::Failed(removal.at,
                          MakeError(ErrorCode::kUnsupported,
                                    "Kafka keeps no claims and cannot compare the stored position "
                                    "within a removal"));
}

}  // namespace

template <class Call>
auto KafkaStore::Ask(const Call& call) -> decltype(call(nullptr)) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rdkafka::Handle> handle, handles_.Get());
  auto answer = call(handle->get());
  if (answer) return answer;
  if (IsUnanswered(answer.error())) handles_.LetGo(handle);
  handle->DrainErrors();
  return handle->journal().Explain(std::move(answer).error());
}

Result<GroupPage> KafkaStore::ListGroups(const PageRequest& page, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(std::vector<rdkafka::GroupListing> listed, Ask([&](rd_kafka_t* handle) {
                        return rdkafka::ListGroups(handle, deadline);
                      }));
  std::vector<std::string> names;
  for (rdkafka::GroupListing& group : listed) {
    const bool wanted = page.after.empty() || group.name > page.after.substr(1);
    if (wanted) names.push_back(std::move(group.name));
  }
  GroupPage result;
  // Small pages look into few groups; where those hold nothing, ever more at once.
  std::size_t count = std::min(kGroupBatch - 1, page.limit) + 1;
  for (std::size_t first = 0; first < names.size() && result.last;
       first += count, count = std::min(kGroupBatch, 2 * count)) {
    count = std::min(count, names.size() - first);
    const auto batch = std::span<const std::string>(names).subspan(first, count);
    OS_RETURN_IF_ERROR(AddToPage(batch, page.limit, result, deadline));
  }
  return result;
}

Status KafkaStore::AddToPage(std::span<const std::string> groups,
                             std::size_t limit,
                             GroupPage& page,
                             Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::vector<PartitionList> offsets, Ask([&](rd_kafka_t* handle) {
                        return rdkafka::OffsetsOfGroups(handle, groups, deadline);
                      }));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // A group without a position: its members have not committed yet, or all was removed.
    if (!HoldsPosition(offsets[i])) continue;
    if (page.groups.size() == limit) {
      page.next = kAfter + page.groups.back();
      page.last = false;
      return {};
    }
    page.groups.push_back(groups[i]);
  }
  return {};
}

KafkaStore::Slots KafkaStore::ReadNamed(const std::string& group,
                                        std::span<const TopicPartition> partitions,
                                        Deadline deadline) {
  Slots slots;
  for (std::size_t first = 0; first < partitions.size(); first += kChunk) {
    const auto chunk = partitions.subspan(first, std::min(kChunk, partitions.size() - first));
    const PartitionList wanted = PartitionList::Of(chunk);
    const auto found = Ask([&](rd_kafka_t* handle) {
      return rdkafka::GroupOffsets(handle, group, &wanted, deadline);
    });
    if (!found) {
      for (const TopicPartition& at : chunk) slots.emplace(at, found.error());
      continue;
    }
    for (const TopicPartition& at : chunk) slots.emplace(at, Absent{});
    for (const auto& answer : found->elements()) {
      slots.insert_or_assign(rdkafka::At(answer), rdkafka::ToSlot(answer, info_.store_id));
    }
  }
  return slots;
}

Result<std::vector<Read>> KafkaStore::ReadAll(const std::string& group,
                                              std::span<const std::string> topics,
                                              Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const PartitionList found, Ask([&](rd_kafka_t* handle) {
                        return rdkafka::GroupOffsets(handle, group, nullptr, deadline);
                      }));
  std::vector<Read> reads;
  for (const auto& answer : found.elements()) {
    const bool is_wanted =
        topics.empty() || std::find(topics.begin(), topics.end(), answer.topic) != topics.end();
    Slot slot = rdkafka::ToSlot(answer, info_.store_id);
    if (!is_wanted || std::holds_alternative<Absent>(slot)) continue;
    reads.push_back(Read{.at = rdkafka::At(answer), .slot = std::move(slot), .claim = {}});
  }
  std::sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) { return a.at < b.at; });
  return reads;
}

Answers<Read> KafkaStore::Fetch(std::string_view group,
                                const Selection& selection,
                                Deadline deadline) {
  OS_RETURN_IF_ERROR(handles_.CheckOpen());
  const std::string name(group);
  const Slots named = ReadNamed(name, selection.partitions, deadline);
  std::vector<Read> reads;
  for (const TopicPartition& at : selection.partitions) {
    reads.push_back(Read{.at = at, .slot = named.at(at), .claim = {}});
  }
  if (selection.partitions.empty() || !selection.topics.empty()) {
    OS_ASSIGN_OR_RETURN(std::vector<Read> others, ReadAll(name, selection.topics, deadline));
    std::move(others.begin(), others.end(), std::back_inserter(reads));
  }
  return reads;
}

Answers<ClaimAnswer> KafkaStore::Claim(std::string_view /*group*/,
                                       std::span<const ClaimRequest> /*requests*/,
                                       const Owner& /*by*/,
                                       Deadline /*deadline*/) {
  return NoClaims();
}

Answers<Outcome> KafkaStore::Release(std::string_view /*group*/,
                                     std::span<const Claimed> /*claims*/,
                                     Deadline /*deadline*/) {
  return NoClaims();
}

Answers<Outcome> KafkaStore::Commit(std::string_view group,
                                    std::span<const Move> moves,
                                    const Owner& /*by*/,
                                    Atomicity atomicity,
                                    Deadline deadline) {
  OS_RETURN_IF_ERROR(handles_.CheckOpen());
  if (atomicity == Atomicity::kAll) {
    return MakeError(ErrorCode::kUnsupported, "Kafka cannot commit several partitions as one");
  }
  const std::string name(group);
  // A set too: while the coordinator does not answer a read, nothing is sent, and nothing in doubt.
  const Slots stored = ReadNamed(name, PartitionsOf(moves), deadline);
  std::vector<Outcome> outcomes(moves.size());
  std::map<TopicPartition, Outcome*> open;
  PartitionList list(moves.size());
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const Move& move = moves[i];
    std::optional<Outcome> known = rdkafka::Refused(move);
    if (!known) known = rdkafka::Decided(move, stored.at(move.at));
    if (known) {
      outcomes[i] = *std::move(known);
    } else {
      rdkafka::AddMove(list, move);
      open.emplace(move.at, &outcomes[i]);
    }
  }
  Send(&rdkafka::AlterGroupOffsets, name, list, open, deadline);
  return outcomes;
}

void KafkaStore::Send(Write write,
                      const std::string& group,
                      const PartitionList& list,
                      std::map<TopicPartition, Outcome*>& outcomes,
                      Deadline deadline) {
  for (std::size_t first = 0; first < list.size(); first += kChunk) {
    const PartitionList chunk = Part(list, first);
    const auto answer =
        Ask([&](rd_kafka_t* handle) { return write(handle, group, chunk, deadline); });
    for (const auto& element : chunk.elements()) {
      const TopicPartition at = rdkafka::At(element);
      // Silence about a partition of an answer would leave it in doubt.
      *outcomes.at(at) =
          internal::Failed(at,
                           answer ? rdkafka::ToError(RD_KAFKA_RESP_ERR__TIMED_OUT,
                                                     rdkafka::Effect::kWrite,
                                                     "the coordinator left out " + ToString(at))
                                  : answer.error());
    }
    if (!answer) continue;
    std::optional<std::string> state;  // Asked for once, where it is needed.
    for (const auto& element : answer->elements()) {
      if (IsLive(element.err) && !state) state = ListedState(group, deadline);
      *outcomes.at(rdkafka::At(element)) = Judge(element, state.value_or(""));
    }
  }
}

std::string KafkaStore::ListedState(const std::string& group, Deadline deadline) {
  const auto listed = Ask(
      [&](rd_kafka_t* handle) { return rdkafka::ListGroups(handle, deadline.Sooner(kStateWait)); });
  if (!listed) return {};
  const auto found = std::find_if(
      listed->begin(), listed->end(), [&](const auto& listing) { return listing.name == group; });
  return found == listed->end() ? std::string() : found->state;
}

/// The coordinator has been asked for positions before, so what it knows has been logged, at the
/// latest a moment later: the log is written by another thread.
Status KafkaStore::CheckDelete(Deadline deadline) {
  const Deadline patience = deadline.Sooner(kLogWait);
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rdkafka::Handle> handle, handles_.Get());
  while (!admin_delete_ && !handle->journal().BrokersCanDeleteOffsets()) {
    if (patience.Passed()) {
      return MakeError(ErrorCode::kUnsupported,
                       "not every broker says that it can remove positions (Kafka can since 2.4), "
                       "and librdkafka would abort the process where one cannot; admin-delete=true "
                       "in the URI tries all the same");
    }
    std::this_thread::sleep_for(kLogStep);
  }
  return {};
}

Answers<Outcome> KafkaStore::Remove(std::string_view group,
                                    std::span<const Removal> removals,
                                    const Owner& /*by*/,
                                    Deadline deadline) {
  OS_RETURN_IF_ERROR(handles_.CheckOpen());
  const std::string name(group);
  const Slots stored = ReadNamed(name, PartitionsOf(removals), deadline);
  OS_RETURN_IF_ERROR(CheckDelete(deadline));
  std::vector<Outcome> outcomes(removals.size());
  std::map<TopicPartition, Outcome*> open;
  PartitionList list(removals.size());
  for (std::size_t i = 0; i < removals.size(); ++i) {
    const TopicPartition& at = removals[i].at;
    const Slot& slot = stored.at(at);
    if (auto refused = RefusedRemoval(removals[i])) {
      outcomes[i] = *std::move(refused);
    } else if (const auto* error = std::get_if<Error>(&slot)) {
      outcomes[i] = internal::Failed(at, *error);
    } else if (std::holds_alternative<Absent>(slot)) {
      outcomes[i] = internal::AlreadyApplied(at);
    } else {
      list.Add(at);
      open.emplace(at, &outcomes[i]);
    }
  }
  Send(&rdkafka::DeleteGroupOffsets, name, list, open, deadline);
  return outcomes;
}

Status KafkaStore::Close(Deadline deadline) {
  return handles_.Close(deadline);
}

}  // namespace offsetstore
