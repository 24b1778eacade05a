// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "statements.h"

#include <utility>
#include <vector>

namespace offsetstore::postgres {
namespace {

#define OS_COLUMNS                                                                      \
  "p.topic, p.part, p.position, p.leader_epoch, p.topic_id, p.cluster_id, p.metadata, " \
  "p.commit_time, p.writer, p.counter, p.nonce, p.owner, p.since, p.released, p.removed"

#define OS_KEYS "unnest($3::text[], $4::int4[]) WITH ORDINALITY AS k(topic, part, ord)"

#define OS_SAME_KEY "p.space = $1 AND p.grp = $2 AND p.topic = k.topic AND p.part = k.part"

// Sorted by key, so that two transactions lock what they share in the same order.
std::string LockRows(const std::string& table) {
  return "SELECT k.ord, " OS_COLUMNS " FROM " OS_KEYS " JOIN " + table +
         " AS p ON " OS_SAME_KEY " ORDER BY k.ord FOR UPDATE OF p";
}

std::string ReadRows(const std::string& table) {
  return "SELECT k.ord, " OS_COLUMNS " FROM " OS_KEYS " JOIN " + table + " AS p ON " OS_SAME_KEY;
}

std::string ReadTopics(const std::string& table) {
  return "SELECT 0::int8, " OS_COLUMNS " FROM " + table +
         " AS p WHERE p.space = $1 AND p.grp = $2 AND p.topic = ANY ($3::text[])"
         " ORDER BY p.topic, p.part";
}

std::string ReadGroup(const std::string& table) {
  return "SELECT 0::int8, " OS_COLUMNS " FROM " + table +
         " AS p WHERE p.space = $1 AND p.grp = $2 ORDER BY p.topic, p.part";
}

// One search by the key for each group, however many partitions a group has.
std::string ListGroups(const std::string& table, const std::string& after) {
  const std::string shown = " AND p.position IS NOT NULL AND p.removed = 0 ORDER BY p.grp LIMIT 1";
  return "WITH RECURSIVE g(grp, n) AS ((SELECT p.grp, 1::int8 FROM " + table +
         " AS p WHERE p.space = $1" + after + shown + ") UNION ALL SELECT (SELECT p.grp FROM " +
         table + " AS p WHERE p.space = $1 AND p.grp > g.grp" + shown +
         "), g.n + 1 FROM g WHERE g.grp IS NOT NULL AND g.n < $2)"
         " SELECT g.grp FROM g WHERE g.grp IS NOT NULL ORDER BY g.n";
}

// The conditions are those of internal::DecideMove for a claimed kAdvance that changes something.
// The position must be below the target and not equal: whether an equal one is a repetition or new
// metadata is for the rules to say.
std::string Advance(const std::string& table, const std::string& condition = {}) {
  return "UPDATE " + table +
         " AS p SET position = k.target, leader_epoch = k.leader_epoch,"
         " topic_id = coalesce(k.topic_id, p.topic_id),"
         " cluster_id = coalesce(k.cluster_id, p.cluster_id),"
         " metadata = k.metadata, commit_time = $5, writer = $6"
         " FROM unnest($3::text[], $4::int4[], $7::int8[], $8::int4[], $9::text[], $10::text[],"
         " $11::bytea[], $12::int8[], $13::text[], $14::bool[], $15::int8[]) WITH ORDINALITY"
         " AS k(topic, part, target, leader_epoch, topic_id, cluster_id, metadata, counter, nonce,"
         " any_from, from_position, ord)"
         " WHERE " OS_SAME_KEY
         " AND p.counter = k.counter AND p.nonce = k.nonce AND p.released = 0 AND p.removed = 0"
         " AND (p.position IS NULL OR (p.position >= 0 AND p.position < k.target))"
         " AND (k.any_from OR p.position IS NOT DISTINCT FROM k.from_position)" +
         condition + " RETURNING k.ord";
}

std::string InsertAbsent(const std::string& table) {
  return "INSERT INTO " + table +
         " AS p (space, grp, topic, part, position, leader_epoch, topic_id, cluster_id, metadata,"
         " commit_time, writer, counter, since, released, removed)"
         " SELECT $1, $2, k.topic, k.part, k.target, k.leader_epoch, k.topic_id, k.cluster_id,"
         " k.metadata, $5, $6, 0, 0, 0, 0"
         " FROM unnest($3::text[], $4::int4[], $7::int8[], $8::int4[], $9::text[], $10::text[],"
         " $11::bytea[]) WITH ORDINALITY"
         " AS k(topic, part, target, leader_epoch, topic_id, cluster_id, metadata, ord)"
         " ORDER BY k.ord ON CONFLICT (space, grp, topic, part) DO NOTHING"
         " RETURNING p.topic, p.part";
}

// One statement that either does all or fails, so that the COMMIT behind it can be sent with it.
// Also where a trigger or a policy of somebody else keeps rows from being written.
std::string AllOrNothing(const std::string& statement) {
  return "WITH done AS (" + statement + ") SELECT 1 / (count(*) = cardinality($4))::int FROM done";
}

#define OS_VALUES                                                                           \
  " FROM unnest($3::text[], $4::int4[], $5::int8[], $6::int8[], $7::text[], $8::text[],"    \
  " $9::bytea[], $10::int8[], $11::text[], $12::int8[], $13::text[], $14::text[],"          \
  " $15::int8[], $16::int4[], $17::int4[]) WITH ORDINALITY"                                 \
  " AS k(topic, part, position, leader_epoch, topic_id, cluster_id, metadata, commit_time," \
  " writer, counter, nonce, owner, since, released, removed, ord)"

std::string UpdateRows(const std::string& table) {
  return "UPDATE " + table +
         " AS p SET position = k.position, leader_epoch = k.leader_epoch, topic_id = k.topic_id,"
         " cluster_id = k.cluster_id, metadata = k.metadata, commit_time = k.commit_time,"
         " writer = k.writer, counter = k.counter, nonce = k.nonce, owner = k.owner,"
         " since = k.since, released = k.released, removed = k.removed" OS_VALUES
         " WHERE " OS_SAME_KEY " RETURNING 1";
}

std::string InsertRows(const std::string& table) {
  return "INSERT INTO " + table +
         " (space, grp, topic, part, position, leader_epoch, topic_id, cluster_id, metadata,"
         " commit_time, writer, counter, nonce, owner, since, released, removed)"
         " SELECT $1, $2, k.topic, k.part, k.position, k.leader_epoch, k.topic_id, k.cluster_id,"
         " k.metadata, k.commit_time, k.writer, k.counter, k.nonce, k.owner, k.since, k.released,"
         " k.removed" OS_VALUES " ORDER BY k.ord RETURNING 1";
}

#undef OS_COLUMNS
#undef OS_KEYS
#undef OS_SAME_KEY
#undef OS_VALUES

using Types = std::vector<Oid>;

Types KeyTypes() {
  return {kText, kText, kTextArray, kInt4Array};
}

// Key, commit time and writer, and what a commit brings.
Types Targets() {
  return {kText,
          kText,
          kTextArray,
          kInt4Array,
          kInt8,
          kText,
          kInt8Array,
          kInt4Array,
          kTextArray,
          kTextArray,
          kByteaArray};
}

// Those, and the claim and the position that it is made from.
Types ClaimedTargets() {
  Types types = Targets();
  types.insert(types.end(), {kInt8Array, kTextArray, kBoolArray, kInt8Array});
  return types;
}

// Those, and the transaction.
Types ClaimedTargetsIn() {
  Types types = ClaimedTargets();
  types.push_back(kInt8);
  return types;
}

// All columns of a row.
Types Rows() {
  return {kText,
          kText,
          kTextArray,
          kInt4Array,
          kInt8Array,
          kInt8Array,
          kTextArray,
          kTextArray,
          kByteaArray,
          kInt8Array,
          kTextArray,
          kInt8Array,
          kTextArray,
          kTextArray,
          kInt8Array,
          kInt4Array,
          kInt4Array};
}

// `SET LOCAL` takes no parameters; set_config with `true` is the same. The first two columns tell
// this transaction from every other (see end_wait.h).
#define OS_SET_BOUNDS                                      \
  "SELECT pg_backend_pid() AS offsetstore_backend, now()," \
  " set_config('statement_timeout', $1, true),"            \
  " set_config('lock_timeout', $1, true),"                 \
  " set_config('idle_in_transaction_session_timeout', $2, true)"

constexpr const char* kSetBounds = OS_SET_BOUNDS;

// Only ever raised: `remote_apply` waits for more than `on`.
constexpr const char* kSetBoundsDurable = OS_SET_BOUNDS
    ", CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
    " THEN set_config('synchronous_commit', 'on', true) END";

#undef OS_SET_BOUNDS

}  // namespace

Statement Named(const char* name, std::string sql, std::vector<Oid> types) {
  return {std::string("offsetstore_") + name, std::move(sql), std::move(types)};
}

TableNames::TableNames(std::string_view in_schema, std::string_view stem)
    : schema(in_schema),
      meta(std::string(stem) + "_meta"),
      positions(std::string(stem) + "_positions"),
      readable(std::string(stem) + "_readable") {}

std::string TableNames::Quoted(std::string_view bare) const {
  return '"' + schema + "\".\"" + std::string(bare) + '"';
}

Statements::Statements(const TableNames& names) {
  const std::string table = names.Quoted(names.positions);
  begin = Named("begin", "BEGIN ISOLATION LEVEL READ COMMITTED");
  begin_read = Named("begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  commit = Named("commit", "COMMIT");
  rollback = Named("rollback", "ROLLBACK");
  set_bounds = Named("set_bounds", kSetBounds, {kText, kText});
  set_bounds_durable = Named("set_bounds_durable", kSetBoundsDurable, {kText, kText});
  lock_rows = Named("lock_rows", LockRows(table), KeyTypes());
  read_rows = Named("read_rows", ReadRows(table), KeyTypes());
  read_topics = Named("read_topics", ReadTopics(table), {kText, kText, kTextArray});
  read_group = Named("read_group", ReadGroup(table), {kText, kText});
  first_groups = Named("first_groups", ListGroups(table, ""), {kText, kInt8});
  next_groups = Named("next_groups", ListGroups(table, " AND p.grp > $3"), {kText, kInt8, kText});
  advance = Named("advance", Advance(table), ClaimedTargets());
  advance_in = Named("advance_in", Advance(table, " AND txid_current() = $16"), ClaimedTargetsIn());
  advance_all = Named("advance_all", AllOrNothing(Advance(table)), ClaimedTargets());
  insert_absent = Named("insert_absent", InsertAbsent(table), Targets());
  insert_absent_all = Named("insert_absent_all", AllOrNothing(InsertAbsent(table)), Targets());
  update_rows = Named("update_rows", AllOrNothing(UpdateRows(table)), Rows());
  insert_rows = Named("insert_rows", AllOrNothing(InsertRows(table)), Rows());
}

}  // namespace offsetstore::postgres
