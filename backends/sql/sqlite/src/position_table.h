// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "internal/rules.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "statement.h"

namespace offsetstore::sql {

/// What one row says: a record, or why it cannot be read.
using Found = Result<internal::Record>;

/// The statements over `offsetstore_positions` on one `sqlite3*`. None begins or ends a
/// transaction, so they work the same inside ours and inside a caller's own. One thread at a time.
/// Every result's own error means that the statement failed and the transaction must be given up.
class PositionTable {
 public:
  /// `space` is kept; the tables must exist.
  [[nodiscard]] static Result<PositionTable> Prepare(sqlite3* db, std::string space);

  /// Chooses the group, and whom `Advance` writes down, for the calls that follow. The texts must
  /// outlive them.
  void Use(std::string_view group, std::string_view writer = {}) noexcept;

  [[nodiscard]] Result<Found> ReadOne(const TopicPartition& at);

  /// Appends what reads show of a topic, or of the whole group, sorted by topic and partition.
  [[nodiscard]] Status ReadTopic(std::string_view topic, std::vector<Read>& into);
  [[nodiscard]] Status ReadGroup(std::vector<Read>& into);

  /// The first group with a position after `after` (or the first of all), by bytes.
  [[nodiscard]] Result<std::optional<std::string>> NextGroup(
      const std::optional<std::string>& after);

  /// The fence: moves forward only if the claim is the newest and held, and `from` holds. Returns
  /// false, with nothing changed, where a rule (or an unreadable row) stands against it; the rules
  /// then say which.
  [[nodiscard]] Result<bool> Advance(const Move& move);

  /// Inserts or overwrites the row of a partition.
  [[nodiscard]] Status Put(const TopicPartition& at, const internal::Record& record);

 private:
  struct Statements {
    Statement read_one;
    Statement read_topic;
    Statement read_group;
    Statement first_group;
    Statement next_group;
    Statement advance;
    Statement put;
  };
  PositionTable(sqlite3* db, std::string space, Statements statements) noexcept;

  [[nodiscard]] Status Collect(Statement& statement, std::vector<Read>& into);
  [[nodiscard]] Found ReadRow(const Statement& statement, const TopicPartition& at) const;

  sqlite3* db_;
  std::string space_;
  std::string_view group_;
  Statements statements_;
};

}  // namespace offsetstore::sql
