// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <optional>
#include <utility>

#include "shared/row.h"

namespace offsetstore::postgres {
namespace {

// Column numbers of the SELECTs.
enum Selected : int {
  kOrdinal,
  kTopic,
  kPart,
  kPosition,
  kLeaderEpoch,
  kTopicId,
  kClusterId,
  kMetadata,
  kCommitTime,
  kWriter,
  kCounter,
  kNonce,
  kOwner,
  kSince,
  kReleased,
  kRemoved,
};

std::optional<std::int64_t> MaybeInteger(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::nullopt;
  return IntegerAt(result, row, column);
}

sql::Row ToRow(const PGresult* result, int row) {
  const auto text = [&](Selected column) { return std::string(BytesAt(result, row, column)); };
  sql::Row values;
  values.position = MaybeInteger(result, row, kPosition);
  values.leader_epoch = MaybeInteger(result, row, kLeaderEpoch);
  values.topic_id = text(kTopicId);
  values.cluster_id = text(kClusterId);
  values.metadata = text(kMetadata);
  values.commit_time = MaybeInteger(result, row, kCommitTime);
  values.writer = text(kWriter);
  values.counter = IntegerAt(result, row, kCounter);
  values.nonce = text(kNonce);
  values.owner = text(kOwner);
  values.since = IntegerAt(result, row, kSince);
  values.released = IntegerAt(result, row, kReleased);
  values.removed = IntegerAt(result, row, kRemoved);
  return values;
}

Found ToFound(const PGresult* result, int row, const TopicPartition& at) {
  if (at.partition < 0) {
    // No partition of that name exists; hiding the row would make damage look like absence.
    return MakeError(ErrorCode::kCorrupt,
                     "column part holds " + std::to_string(at.partition) +
                         ", which is no partition; correct or delete the row")
        .With("topic", at.topic);
  }
  Found found = sql::ToRecord(ToRow(result, row));
  if (found) return found;
  Error error = std::move(found).error();
  return error.With("topic", at.topic).With("partition", std::to_string(at.partition));
}

}  // namespace

std::int64_t IntegerAt(const PGresult* result, int row, int column) {
  const std::string_view bytes = BytesAt(result, row, column);
  if (bytes.empty()) return 0;
  // Network byte order; the sign is in the first byte.
  std::uint64_t value = (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::string_view BytesAt(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}

FoundRow ToFoundRow(const PGresult* result, int row) {
  TopicPartition at{std::string(BytesAt(result, row, kTopic)),
                    static_cast<std::int32_t>(IntegerAt(result, row, kPart))};
  Found found = ToFound(result, row, at);
  const std::int64_t ordinal = IntegerAt(result, row, kOrdinal);
  return {static_cast<std::size_t>(ordinal > 0 ? ordinal - 1 : 0), std::move(at), std::move(found)};
}

}  // namespace offsetstore::postgres
