// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/member_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/rules.h"
#include "rdkafka/admin.h"
#include "rdkafka/commit.h"
#include "rdkafka/error.h"
#include "rdkafka/log_range.h"
#include "rdkafka/newer.h"
#include "rdkafka/partition_list.h"
#include "rdkafka/seen.h"
#include "rdkafka/stored.h"

namespace offsetstore::rdkafka {
namespace {

Error Unsupported(std::string_view what) {
  return MakeError(ErrorCode::kUnsupported,
                   std::string(what) +
                       " is not possible through a consumer's own handle; open "
                       "kafka://brokers while the group has no members");
}

/// The group has gone on to its next generation and this member with it; only the commit has not.
/// librdkafka forgets its generation where it gives up. Before 2.10 it gives up here too
/// (confluentinc/librdkafka#4059).
bool IsOvertaken(rd_kafka_t* handle, rd_kafka_resp_err_t native) {
  return native == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION && GenerationId(handle).has_value();
}

Entry ToEntry(const Move& move, const std::string& cluster_id) {
  Entry entry;
  entry.position = move.to;
  entry.leader_epoch = move.leader_epoch;
  entry.cluster_id = cluster_id;
  entry.metadata = move.metadata;
  return entry;
}

class KafkaMemberStore final : public OffsetStore {
 public:
  explicit KafkaMemberStore(std::shared_ptr<MemberPort> port)
      : port_(std::move(port)),
        info_(InfoOfKafka("group " + Printable(port_->Group()), port_->ClusterId())) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }

  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& /*page*/,
                                             Deadline /*deadline*/) override {
    return Unsupported("listing groups");
  }

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override;

  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view /*group*/,
                                           std::span<const ClaimRequest> /*requests*/,
                                           const Owner& /*by*/,
                                           Deadline /*deadline*/) override {
    return Unsupported("a claim");
  }

  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;

  [[nodiscard]] Answers<Outcome> Release(std::string_view /*group*/,
                                         std::span<const Claimed> /*claims*/,
                                         Deadline /*deadline*/) override {
    return Unsupported("a claim");
  }

  [[nodiscard]] Answers<Outcome> Remove(std::string_view /*group*/,
                                        std::span<const Removal> /*removals*/,
                                        const Owner& /*by*/,
                                        Deadline /*deadline*/) override {
    return Unsupported("removing positions");
  }

  [[nodiscard]] Status Close(Deadline /*deadline*/) override {
    closed_ = true;
    return {};
  }

 private:
  /// A move of the chunk in hand, and where its outcome goes.
  struct Pending {
    const Move* move;
    Outcome* outcome;
  };

  [[nodiscard]] Result<std::shared_ptr<rd_kafka_t>> Enter(std::string_view group);
  [[nodiscard]] Status CheckSteady();
  /// The partitions that the selection names only by their topics, or not at all.
  [[nodiscard]] Result<PartitionList> Unnamed(rd_kafka_t* handle,
                                              const Selection& selection,
                                              Deadline deadline);
  /// Fills `seen_` with what is stored of the moves it does not know. Leaves errors in it, for this
  /// call only.
  void Look(rd_kafka_t* handle,
            std::uint64_t assignment,
            std::span<const Move> moves,
            std::map<TopicPartition, Slot>& stored,
            Deadline deadline);
  [[nodiscard]] Result<CommitReply> CommitWhenReady(rd_kafka_t* handle,
                                                    std::uint64_t assignment,
                                                    const PartitionList& offsets,
                                                    Deadline deadline);
  void CommitChunk(rd_kafka_t* handle,
                   std::uint64_t assignment,
                   std::span<const Pending> chunk,
                   Deadline deadline);
  void TellApart(rd_kafka_t* handle,
                 const CommitReply& reply,
                 std::span<const Pending> chunk,
                 Deadline deadline);

  const std::shared_ptr<MemberPort> port_;  // Shared with the consumer, which may go first.
  const StoreInfo info_;
  std::atomic<bool> closed_ = false;
  Seen seen_;
};

Result<std::shared_ptr<rd_kafka_t>> KafkaMemberStore::Enter(std::string_view group) {
  if (group != port_->Group()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the consumer is a member of group '" + Printable(port_->Group()) +
                         "' and commits for no other");
  }
  std::shared_ptr<rd_kafka_t> handle = closed_ ? nullptr : port_->Handle();
  if (handle == nullptr) return MakeError(ErrorCode::kUnavailable, "the consumer is closed");
  return handle;
}

/// A coordinator takes one request of a connection at a time and keeps JoinGroup until all members
/// have sent theirs. What is sent behind it waits that long and is then of a generation that has
/// passed.
Status KafkaMemberStore::CheckSteady() {
  if (!port_->Joining()) return {};
  Error error =
      MakeError(ErrorCode::kUnavailable, "the group is rebalancing; the commit was not sent");
  error.retry = Retry::kAfterNewClaim;
  return error;
}

Answers<Read> KafkaMemberStore::Fetch(std::string_view group,
                                      const Selection& selection,
                                      Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rd_kafka_t> handle, Enter(group));
  const std::uint64_t assignment = port_->Assignment();
  PartitionList named = PartitionList::Of(selection.partitions);
  OS_RETURN_IF_ERROR(Committed(handle.get(), named, deadline));
  std::vector<Read> reads;
  for (const rd_kafka_topic_partition_t& answer : named.elements()) {
    reads.push_back(Read{.at = At(answer), .slot = ToSlot(answer, info_.store_id), .claim = {}});
  }
  if (selection.partitions.empty() || !selection.topics.empty()) {
    OS_ASSIGN_OR_RETURN(const PartitionList others, Unnamed(handle.get(), selection, deadline));
    for (const rd_kafka_topic_partition_t& answer : others.elements()) {
      Slot slot = ToSlot(answer, info_.store_id);
      if (std::holds_alternative<Absent>(slot)) continue;
      reads.push_back(Read{.at = At(answer), .slot = std::move(slot), .claim = {}});
    }
  }
  for (const Read& read : reads) {
    if (!std::holds_alternative<Error>(read.slot)) seen_.Put(assignment, read.at, read.slot);
  }
  return reads;
}

Result<PartitionList> KafkaMemberStore::Unnamed(rd_kafka_t* handle,
                                                const Selection& selection,
                                                Deadline deadline) {
  if (selection.topics.empty()) {
    OS_ASSIGN_OR_RETURN(PartitionList all, GroupOffsets(handle, port_->Group(), nullptr, deadline));
    rd_kafka_topic_partition_list_sort(all.get(), nullptr, nullptr);
    return all;
  }
  // Not by the admin call either: it answers for the partitions of a topic only where it is asked
  // for every topic.
  PartitionList partitions;
  std::vector<std::string> topics = selection.topics;
  std::sort(topics.begin(), topics.end());
  for (const std::string& topic : topics) {
    OS_ASSIGN_OR_RETURN(const auto leaders, Leaders(handle, topic, deadline));
    for (const auto& [partition, leader] : leaders) partitions.Add({topic, partition});
  }
  OS_RETURN_IF_ERROR(Committed(handle, partitions, deadline));
  return partitions;
}

void KafkaMemberStore::Look(rd_kafka_t* handle,
                            std::uint64_t assignment,
                            std::span<const Move> moves,
                            std::map<TopicPartition, Slot>& stored,
                            Deadline deadline) {
  PartitionList unknown;
  for (const Move& move : moves) {
    if (auto slot = seen_.Find(assignment, move.at)) {
      stored.emplace(move.at, *std::move(slot));
    } else if (move.kind == Kind::kAdvance) {
      unknown.Add(move.at);
    }
  }
  if (unknown.empty()) return;
  const Status asked = Committed(handle, unknown, deadline);
  for (const rd_kafka_topic_partition_t& answer : unknown.elements()) {
    stored.emplace(At(answer), asked ? ToSlot(answer, info_.store_id) : Slot(asked.error()));
  }
}

Answers<Outcome> KafkaMemberStore::Commit(std::string_view group,
                                          std::span<const Move> moves,
                                          const Owner& /*by*/,
                                          Atomicity atomicity,
                                          Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<rd_kafka_t> handle, Enter(group));
  if (atomicity == Atomicity::kAll) return Unsupported("committing several partitions as one");
  OS_RETURN_IF_ERROR(CheckSteady());
  const std::uint64_t assignment = port_->Assignment();
  std::map<TopicPartition, Slot> stored;
  Look(handle.get(), assignment, moves, stored, deadline);
  std::vector<Outcome> outcomes(moves.size());
  std::vector<Pending> pending;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const Move& move = moves[i];
    std::optional<Outcome> known = Refused(move);
    const auto slot = stored.find(move.at);
    if (!known && slot != stored.end()) known = Decided(move, slot->second);
    if (known) {
      outcomes[i] = *std::move(known);
    } else {
      pending.push_back({&move, &outcomes[i]});
    }
  }
  for (std::size_t first = 0; first < pending.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, pending.size() - first);
    CommitChunk(handle.get(), assignment, std::span(pending).subspan(first, count), deadline);
  }
  return outcomes;
}

/// A coordinator that loads, or one to which our epoch is an old one, has applied nothing: waited
/// out as long as the partitions are assigned. No other owner can have moved them before that ends.
Result<CommitReply> KafkaMemberStore::CommitWhenReady(rd_kafka_t* handle,
                                                      std::uint64_t assignment,
                                                      const PartitionList& offsets,
                                                      Deadline deadline) {
  while (true) {
    OS_RETURN_IF_ERROR(CheckSteady());
    Result<CommitReply> reply = CommitThrough(handle, offsets, deadline);
    const bool waits = reply && (reply->native == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
                                 IsStaleEpoch(reply->native));
    if (!waits || closed_ || assignment != port_->Assignment() ||
        deadline.Remaining() <= kBusyPause) {
      return reply;
    }
    std::this_thread::sleep_for(kBusyPause);
  }
}

void KafkaMemberStore::CommitChunk(rd_kafka_t* handle,
                                   std::uint64_t assignment,
                                   std::span<const Pending> chunk,
                                   Deadline deadline) {
  PartitionList offsets(chunk.size());
  for (const Pending& pending : chunk) AddMove(offsets, *pending.move);
  const Result<CommitReply> reply = CommitWhenReady(handle, assignment, offsets, deadline);
  if (!reply || reply->native == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (const Pending& pending : chunk) {
      *pending.outcome = reply ? internal::Applied(pending.move->at)
                               : internal::Failed(pending.move->at, reply.error());
    }
  } else {
    TellApart(handle, *reply, chunk, deadline);
  }
  for (const Pending& pending : chunk) {
    if (pending.outcome->Ok()) {
      seen_.Put(assignment, pending.move->at, ToEntry(*pending.move, info_.store_id));
    } else {
      seen_.Forget(pending.move->at);
    }
  }
}

/// The coordinator's answers of a partly refused commit do not reach us one by one: what is stored
/// tells.
void KafkaMemberStore::TellApart(rd_kafka_t* handle,
                                 const CommitReply& reply,
                                 std::span<const Pending> chunk,
                                 Deadline deadline) {
  const bool fenced = IsFenced(reply.native) && !IsOvertaken(handle, reply.native);
  PartitionList stored;
  for (const Pending& pending : chunk) {
    const TopicPartition& at = pending.move->at;
    stored.Add(at);
    *pending.outcome =
        fenced ? internal::Fenced(at, std::nullopt)
               : internal::Failed(
                     at, ToError(reply.native, Effect::kWrite, "commit of " + ToString(at)));
  }
  const bool is_of_whole = IsFenced(reply.native) || IsCoordinatorBusy(reply.native) ||
                           IsStaleEpoch(reply.native) ||
                           reply.native == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
                           reply.native == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
  if (chunk.size() == 1 || is_of_whole) return;
  const Status asked = Committed(handle, stored, deadline);
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const Pending& pending = chunk[i];
    if (!asked) {
      Error unknown = ToError(RD_KAFKA_RESP_ERR__TIMED_OUT,
                              Effect::kWrite,
                              "commit of " + ToString(pending.move->at),
                              reply.text + "; what is stored could not be read back");
      *pending.outcome = internal::Failed(pending.move->at, std::move(unknown));
    } else if (IsTarget(ToSlot(stored.elements()[i], info_.store_id), *pending.move)) {
      *pending.outcome = internal::Applied(pending.move->at);
    }
  }
}

}  // namespace

std::unique_ptr<OffsetStore> OpenKafkaMemberStore(std::shared_ptr<MemberPort> port) {
  return std::make_unique<KafkaMemberStore>(std::move(port));
}

}  // namespace offsetstore::rdkafka
