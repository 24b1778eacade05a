// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "shared/row.h"

#include <limits>
#include <string_view>
#include <utility>

#include "internal/owner_text.h"

namespace offsetstore::sql {
namespace {

Error Bad(std::string_view column, std::string_view value, std::string_view expected) {
  return MakeError(ErrorCode::kCorrupt,
                   "column " + std::string(column) + " holds '" + Printable(value) +
                       "', expected " + std::string(expected) + "; correct or delete the row");
}

bool IsFlag(std::int64_t value) {
  return value == 0 || value == 1;
}

Status CheckFlags(const Row& row) {
  if (!IsFlag(row.released)) return Bad("released", std::to_string(row.released), "0 or 1");
  if (!IsFlag(row.removed)) return Bad("removed", std::to_string(row.removed), "0 or 1");
  if (row.removed == 1 && row.position) {
    return Bad("position", std::to_string(*row.position), "NULL where removed is 1");
  }
  return {};
}

Result<std::optional<Entry>> ToEntry(Row& row) {
  if (!row.position) return std::optional<Entry>();
  if (!Position::IsValid(*row.position)) {
    return Bad("position", std::to_string(*row.position), "a whole number from 0 to 2^63-1");
  }
  Entry entry;
  entry.position = Position(*row.position);
  if (row.leader_epoch) {
    if (*row.leader_epoch < std::numeric_limits<std::int32_t>::min() ||
        *row.leader_epoch > std::numeric_limits<std::int32_t>::max()) {
      return Bad("leader_epoch", std::to_string(*row.leader_epoch), "a 32-bit number");
    }
    entry.leader_epoch = static_cast<std::int32_t>(*row.leader_epoch);
  }
  entry.topic_id = std::move(row.topic_id);
  entry.cluster_id = std::move(row.cluster_id);
  entry.metadata = std::move(row.metadata);
  if (row.commit_time) entry.commit_time = Time(std::chrono::milliseconds(*row.commit_time));
  entry.writer = std::move(row.writer);
  return std::optional<Entry>(std::move(entry));
}

Result<std::optional<ClaimView>> ToClaim(const Row& row) {
  if (row.counter == 0 && row.nonce.empty()) return std::optional<ClaimView>();
  if (row.counter < 1) return Bad("counter", std::to_string(row.counter), "at least 1");
  const std::optional<Nonce> nonce = Nonce::FromHex(row.nonce);
  if (!nonce) return Bad("nonce", row.nonce, "32 lower-case hexadecimal digits");
  std::optional<Owner> owner = internal::OwnerFromText(row.owner);
  if (!owner) return Bad("owner", row.owner, "the seven words of an owner");
  owner->since = Time(std::chrono::milliseconds(row.since));
  return std::optional<ClaimView>(
      ClaimView{.token = {static_cast<std::uint64_t>(row.counter), *nonce},
                .owner = *std::move(owner),
                .released = row.released == 1});
}

}  // namespace

Result<internal::Record> ToRecord(Row row) {
  if (Status flags = CheckFlags(row); !flags) return std::move(flags).error();
  Result<std::optional<Entry>> entry = ToEntry(row);
  if (!entry) return std::move(entry).error();
  Result<std::optional<ClaimView>> claim = ToClaim(row);
  if (!claim) return std::move(claim).error();
  return internal::Record{*std::move(entry), *std::move(claim), row.removed == 1};
}

Row ToRow(const internal::Record& record) {
  Row row;
  if (record.entry) {
    const Entry& entry = *record.entry;
    row.position = entry.position.value();
    row.leader_epoch = entry.leader_epoch;
    row.topic_id = entry.topic_id;
    row.cluster_id = entry.cluster_id;
    row.metadata = entry.metadata;
    if (entry.commit_time) row.commit_time = entry.commit_time->time_since_epoch().count();
    row.writer = entry.writer;
  }
  if (record.claim) {
    row.counter = static_cast<std::int64_t>(record.claim->token.counter);
    row.nonce = record.claim->token.nonce.Hex();
    row.owner = internal::ToText(record.claim->owner);
    row.since = record.claim->owner.since.time_since_epoch().count();
    row.released = record.claim->released ? 1 : 0;
  }
  row.removed = record.removed ? 1 : 0;
  return row;
}

}  // namespace offsetstore::sql
