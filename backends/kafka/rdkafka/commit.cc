// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/commit.h"

#include <algorithm>

#include "internal/macros.h"
#include "rdkafka/error.h"
#include "rdkafka/handle.h"
#include "rdkafka/newer.h"

namespace offsetstore::rdkafka {
namespace {

void CopyAnswer(const rd_kafka_topic_partition_t& from, rd_kafka_topic_partition_t& to) {
  to.offset = from.offset;
  to.err = from.err;
  SetMetadata(to, Metadata(from));
  SetLeaderEpoch(to, LeaderEpoch(from));
}

Status CommittedChunk(rd_kafka_t* consumer,
                      std::span<rd_kafka_topic_partition_t> chunk,
                      Deadline deadline) {
  PartitionList list(chunk.size());
  for (const auto& element : chunk) list.Add(At(element));
  const rd_kafka_resp_err_t native =
      rd_kafka_committed(consumer, list.get(), static_cast<int>(deadline.Remaining().count()));
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(native, Effect::kRead, "read of the group's positions");
  }
  for (std::size_t i = 0; i < chunk.size(); ++i) CopyAnswer(list.elements()[i], chunk[i]);
  return {};
}

}  // namespace

Result<CommitReply> CommitThrough(rd_kafka_t* consumer,
                                  const PartitionList& offsets,
                                  Deadline deadline) {
  if (deadline.Passed()) {
    return MakeError(ErrorCode::kDeadlineExceeded,
                     "the deadline passed before the commit was sent");
  }
  // A queue of its own: the late answer of an abandoned commit cannot be taken for this one's.
  Queue queue(consumer);
  const rd_kafka_resp_err_t refused =
      rd_kafka_commit_queue(consumer, offsets.get(), queue.get(), nullptr, nullptr);
  if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(refused, Effect::kRead, "commit");
  }
  while (Event event = queue.PollUntil(deadline)) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_OFFSET_COMMIT) continue;
    return CommitReply{rd_kafka_event_error(event.get()),
                       rd_kafka_event_error_string(event.get()),
                       PartitionList::CopyOf(rd_kafka_event_topic_partition_list(event.get()))};
  }
  return MakeError(ErrorCode::kInDoubt,
                   "the group coordinator did not answer the commit in time; it may or may not be "
                   "stored, and may still be");
}

Status Committed(rd_kafka_t* consumer, PartitionList& partitions, Deadline deadline) {
  const std::span<rd_kafka_topic_partition_t> all = partitions.elements();
  for (std::size_t first = 0; first < all.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, all.size() - first);
    OS_RETURN_IF_ERROR(CommittedChunk(consumer, all.subspan(first, count), deadline));
  }
  return {};
}

}  // namespace offsetstore::rdkafka
