// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "position_table.h"

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "shared/row.h"
#include "sqlite_error.h"

namespace offsetstore::sql {
namespace {

#define OS_COLUMNS                                                                     \
  "topic, part, position, leader_epoch, topic_id, cluster_id, metadata, commit_time, " \
  "writer, counter, nonce, owner, since, released, removed"

constexpr std::string_view kReadOne = "SELECT " OS_COLUMNS
                                      " FROM main.offsetstore_positions"
                                      " WHERE space = ?1 AND grp = ?2 AND topic = ?3 AND part = ?4";
constexpr std::string_view kReadTopic = "SELECT " OS_COLUMNS
                                        " FROM main.offsetstore_positions"
                                        " WHERE space = ?1 AND grp = ?2 AND topic = ?3"
                                        " ORDER BY part";
constexpr std::string_view kReadGroup = "SELECT " OS_COLUMNS
                                        " FROM main.offsetstore_positions"
                                        " WHERE space = ?1 AND grp = ?2 ORDER BY topic, part";

// One seek per group, however many partitions a group has. Two statements, since the first group
// may have the empty name, which no name sorts before.
constexpr std::string_view kFirstGroup =
    "SELECT grp FROM main.offsetstore_positions"
    " WHERE space = ?1 AND position IS NOT NULL AND removed = 0 ORDER BY grp LIMIT 1";
constexpr std::string_view kNextGroup =
    "SELECT grp FROM main.offsetstore_positions"
    " WHERE space = ?1 AND grp > ?2 AND position IS NOT NULL AND removed = 0 ORDER BY grp LIMIT 1";

// The conditions are those of internal::DecideMove for a claimed kAdvance that changes something.
// The position must be below the target and not equal: whether an equal one is a repetition or new
// metadata is for the rules to say. `typeof` keeps an unreadable position from being overwritten.
constexpr std::string_view kAdvance =
    "UPDATE main.offsetstore_positions SET position = ?5, leader_epoch = ?6,"
    " topic_id = coalesce(?7, topic_id), cluster_id = coalesce(?8, cluster_id), metadata = ?9,"
    " commit_time = ?10, writer = ?11"
    " WHERE space = ?1 AND grp = ?2 AND topic = ?3 AND part = ?4"
    " AND counter = ?12 AND nonce = ?13 AND released = 0 AND removed = 0"
    " AND (position IS NULL OR (position >= 0 AND position < ?5 AND typeof(position) = 'integer'))"
    " AND (?14 OR position IS ?15)";

constexpr std::string_view kPut =
    "INSERT INTO main.offsetstore_positions (space, grp, " OS_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    " ON CONFLICT (space, grp, topic, part) DO UPDATE SET position = excluded.position,"
    " leader_epoch = excluded.leader_epoch, topic_id = excluded.topic_id,"
    " cluster_id = excluded.cluster_id, metadata = excluded.metadata,"
    " commit_time = excluded.commit_time, writer = excluded.writer, counter = excluded.counter,"
    " nonce = excluded.nonce, owner = excluded.owner, since = excluded.since,"
    " released = excluded.released, removed = excluded.removed";

#undef OS_COLUMNS

// Column numbers of the SELECTs above.
enum Column : int {
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

/// An integer column; anything else than an integer is an error, NULL only where it may be.
Status TakeInteger(const Statement& statement, Column column, const char* name, std::int64_t& to) {
  if (!statement.IsInteger(column)) {
    return MakeError(ErrorCode::kCorrupt,
                     std::string("column ") + name + " holds '" +
                         Printable(statement.Bytes(column)) +
                         "', expected a whole number; correct or delete the row");
  }
  to = statement.Integer(column);
  return {};
}

Status TakeInteger(const Statement& statement,
                   Column column,
                   const char* name,
                   std::optional<std::int64_t>& to) {
  if (statement.IsNull(column)) return {};
  return TakeInteger(statement, column, name, to.emplace());
}

Result<Row> TakeRow(const Statement& statement) {
  Row row;
  OS_RETURN_IF_ERROR(TakeInteger(statement, kPosition, "position", row.position));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kLeaderEpoch, "leader_epoch", row.leader_epoch));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kCommitTime, "commit_time", row.commit_time));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kCounter, "counter", row.counter));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kSince, "since", row.since));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kReleased, "released", row.released));
  OS_RETURN_IF_ERROR(TakeInteger(statement, kRemoved, "removed", row.removed));
  row.topic_id = statement.Bytes(kTopicId);
  row.cluster_id = statement.Bytes(kClusterId);
  row.metadata = statement.Bytes(kMetadata);
  row.writer = statement.Bytes(kWriter);
  row.nonce = statement.Bytes(kNonce);
  row.owner = statement.Bytes(kOwner);
  return row;
}

/// The hexadecimal form without an allocation: once per row of every commit.
class HexBuffer {
 public:
  explicit HexBuffer(const Nonce& nonce) noexcept {
    auto* out = text_.data();
    for (const std::uint8_t byte : nonce.bytes) {
      *out++ = internal::kHexDigits[byte >> 4U];
      *out++ = internal::kHexDigits[byte & 15U];
    }
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 32> text_{};
};

}  // namespace

Result<PositionTable> PositionTable::Prepare(sqlite3* db, std::string space) {
  OS_ASSIGN_OR_RETURN(Statement read_one, Statement::Prepare(db, kReadOne));
  OS_ASSIGN_OR_RETURN(Statement read_topic, Statement::Prepare(db, kReadTopic));
  OS_ASSIGN_OR_RETURN(Statement read_group, Statement::Prepare(db, kReadGroup));
  OS_ASSIGN_OR_RETURN(Statement first_group, Statement::Prepare(db, kFirstGroup));
  OS_ASSIGN_OR_RETURN(Statement next_group, Statement::Prepare(db, kNextGroup));
  OS_ASSIGN_OR_RETURN(Statement advance, Statement::Prepare(db, kAdvance));
  OS_ASSIGN_OR_RETURN(Statement put, Statement::Prepare(db, kPut));
  return PositionTable(db,
                       std::move(space),
                       Statements{std::move(read_one),
                                  std::move(read_topic),
                                  std::move(read_group),
                                  std::move(first_group),
                                  std::move(next_group),
                                  std::move(advance),
                                  std::move(put)});
}

PositionTable::PositionTable(sqlite3* db, std::string space, Statements statements) noexcept
    : db_(db), space_(std::move(space)), statements_(std::move(statements)) {}

void PositionTable::Use(std::string_view group, std::string_view writer) noexcept {
  group_ = group;
  // Bound once per call and not once per row: `Reset` keeps bindings.
  for (Statement* statement : {&statements_.read_one,
                               &statements_.read_topic,
                               &statements_.read_group,
                               &statements_.advance,
                               &statements_.put}) {
    statement->BindText(1, space_);
    statement->BindText(2, group);
  }
  statements_.advance.BindInteger(10, Now().time_since_epoch().count());
  statements_.advance.BindTextOrNull(11, writer);
}

Found PositionTable::ReadRow(const Statement& statement, const TopicPartition& at) const {
  Result<Row> row = TakeRow(statement);
  Found found = row ? ToRecord(*std::move(row)) : Found(std::move(row).error());
  if (found) return found;
  Error error = std::move(found).error();
  error.With("path", PathOf(db_)).With("topic", at.topic);
  return std::move(error.With("partition", std::to_string(at.partition)));
}

Result<Found> PositionTable::ReadOne(const TopicPartition& at) {
  Statement& statement = statements_.read_one;
  statement.BindText(3, at.topic);
  statement.BindInteger(4, at.partition);
  const ResetAtEnd reset(statement);
  const int code = statement.Step();
  if (code == SQLITE_DONE) return Found(internal::NoRecord());
  if (code != SQLITE_ROW) return SqliteError(db_, "read a position");
  return ReadRow(statement, at);
}

Status PositionTable::ReadTopic(std::string_view topic, std::vector<Read>& into) {
  statements_.read_topic.BindText(3, topic);
  return Collect(statements_.read_topic, into);
}

Status PositionTable::ReadGroup(std::vector<Read>& into) {
  return Collect(statements_.read_group, into);
}

Status PositionTable::Collect(Statement& statement, std::vector<Read>& into) {
  const ResetAtEnd reset(statement);
  int code = SQLITE_ROW;
  while ((code = statement.Step()) == SQLITE_ROW) {
    TopicPartition at{std::string(statement.Bytes(kTopic)), -1};
    const std::int64_t part = statement.IsInteger(kPart) ? statement.Integer(kPart) : -1;
    if (part < 0 || part > std::numeric_limits<std::int32_t>::max()) {
      // No partition of that name exists; hiding the row would make damage look like absence.
      Error error = MakeError(ErrorCode::kCorrupt,
                              "column part holds '" + Printable(statement.Bytes(kPart)) +
                                  "', which is no partition; correct or delete the row");
      error.With("path", PathOf(db_)).With("topic", at.topic);
      into.push_back({.at = std::move(at), .slot = std::move(error), .claim = {}});
      continue;
    }
    at.partition = static_cast<std::int32_t>(part);
    Found found = ReadRow(statement, at);
    if (!found) {
      into.push_back({.at = std::move(at), .slot = std::move(found).error(), .claim = {}});
    } else if (internal::IsVisible(*found)) {
      into.push_back(internal::ToRead(std::move(at), *std::move(found)));
    }
  }
  if (code != SQLITE_DONE) return SqliteError(db_, "read positions");
  return {};
}

Result<std::optional<std::string>> PositionTable::NextGroup(
    const std::optional<std::string>& after) {
  Statement& statement = after ? statements_.next_group : statements_.first_group;
  statement.BindText(1, space_);
  if (after) statement.BindText(2, *after);
  const ResetAtEnd reset(statement);
  const int code = statement.Step();
  if (code == SQLITE_DONE) return std::optional<std::string>();
  if (code != SQLITE_ROW) return SqliteError(db_, "list groups");
  return std::optional<std::string>(statement.Bytes(0));
}

Result<bool> PositionTable::Advance(const Move& move) {
  Statement& statement = statements_.advance;
  const HexBuffer nonce(move.claim->nonce);
  const auto* from = move.from ? std::get_if<Position>(&*move.from) : nullptr;
  statement.BindText(3, move.at.topic);
  statement.BindInteger(4, move.at.partition);
  statement.BindInteger(5, move.to.value());
  statement.BindInteger(6, std::optional<std::int64_t>(move.leader_epoch));
  statement.BindTextOrNull(7, move.topic_id);
  statement.BindTextOrNull(8, move.cluster_id);
  statement.BindBlobOrNull(9, move.metadata);
  statement.BindInteger(12, static_cast<std::int64_t>(move.claim->counter));
  statement.BindText(13, nonce.view());
  statement.BindInteger(14, std::int64_t{move.from ? 0 : 1});
  statement.BindInteger(15, from == nullptr ? std::nullopt : std::optional(from->value()));
  if (statement.Run() != SQLITE_DONE) return SqliteError(db_, "move a position");
  return sqlite3_changes(db_) == 1;
}

Status PositionTable::Put(const TopicPartition& at, const internal::Record& record) {
  const Row row = ToRow(record);
  Statement& statement = statements_.put;
  statement.BindText(3, at.topic);
  statement.BindInteger(4, at.partition);
  statement.BindInteger(5, row.position);
  statement.BindInteger(6, row.leader_epoch);
  statement.BindTextOrNull(7, row.topic_id);
  statement.BindTextOrNull(8, row.cluster_id);
  statement.BindBlobOrNull(9, row.metadata);
  statement.BindInteger(10, row.commit_time);
  statement.BindTextOrNull(11, row.writer);
  statement.BindInteger(12, row.counter);
  statement.BindTextOrNull(13, row.nonce);
  statement.BindTextOrNull(14, row.owner);
  statement.BindInteger(15, row.since);
  statement.BindInteger(16, row.released);
  statement.BindInteger(17, row.removed);
  if (statement.Run() != SQLITE_DONE) return SqliteError(db_, "write a position");
  return {};
}

}  // namespace offsetstore::sql
