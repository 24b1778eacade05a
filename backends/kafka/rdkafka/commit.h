// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Commits and reads through a consumer's own handle, bounded: `rd_kafka_commit` has no timeout and
// can block for ever.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::rdkafka {

/// librdkafka searches an answer for each partition one after the other: larger lists take
/// quadratic time.
inline constexpr std::size_t kChunk = 1000;

/// What came back from a commit. `native` = no error: everything is stored. Else it is **not**
/// known which partitions are stored, whatever their own `err` says: librdkafka stamps one
/// partition's error on the others; ask `Committed`.
struct CommitReply {
  rd_kafka_resp_err_t native = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
  PartitionList partitions;
};

/// Commits `offsets` (with metadata, and leader epochs where the library can) through the private
/// queue of this call. `InDoubt`: no answer came in time, the commit may still land later, also
/// after a newer one. `DeadlineExceeded`: not sent.
[[nodiscard]] Result<CommitReply> CommitThrough(rd_kafka_t* consumer,
                                                const PartitionList& offsets,
                                                Deadline deadline);

/// Fills in the committed offset (`RD_KAFKA_OFFSET_INVALID` = none), metadata, epoch and `err` of
/// each partition. An error of the whole means nothing is known of any. At most `kChunk`
/// partitions are asked for at once.
[[nodiscard]] Status Committed(rd_kafka_t* consumer, PartitionList& partitions, Deadline deadline);

}  // namespace offsetstore::rdkafka
