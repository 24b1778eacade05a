// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline.h"

namespace offsetstore::postgres {

/// The names of our tables, quoted and with their schema. Both parts are of the strict pattern that
/// the options allow.
struct TableNames {
  TableNames(std::string_view schema, std::string_view stem);

  std::string schema;
  std::string meta;       ///< Bare: `offsetstore_meta`.
  std::string positions;  ///< Bare: `offsetstore_positions`.
  std::string readable;   ///< Bare: `offsetstore_readable`.

  [[nodiscard]] std::string Quoted(std::string_view bare) const;
};

/// A statement as the server knows it where it is prepared: under `name` and a prefix of ours.
[[nodiscard]] Statement Named(const char* name, std::string sql, std::vector<Oid> types = {});

/// All statements over one pair of tables. None begins or ends a transaction, but the ones that say
/// so; none changes the state of a session.
struct Statements {
  explicit Statements(const TableNames& names);

  Statement begin;       ///< A transaction that writes. What it waits for, it sees.
  Statement begin_read;  ///< One that reads, all of it at one moment.
  Statement commit;
  Statement rollback;
  Statement set_bounds;          ///< Timeouts of this transaction: statement, lock, idle.
  Statement set_bounds_durable;  ///< And its commit waits for the disk, whatever is set.
  Statement lock_rows;           ///< Rows by key, locked.
  Statement read_rows;           ///< Rows by key.
  Statement read_topics;         ///< Rows by topic.
  Statement read_group;          ///< Rows of a group.
  Statement first_groups;        ///< Groups with a position.
  Statement next_groups;         ///< Those after one.
  Statement advance;             ///< The fence: moves what may move; returns which.
  Statement advance_in;          ///< The same, in the transaction that the last parameter names.
  Statement advance_all;         ///< The same, or a division by zero unless all moved.
  Statement insert_absent;       ///< Inserts first positions; returns which.
  Statement insert_absent_all;   ///< The same; unless all were, that error.
  Statement update_rows;         ///< Overwrites rows that are locked.
  Statement insert_rows;         ///< Inserts rows; an error where one is there.
};

}  // namespace offsetstore::postgres
