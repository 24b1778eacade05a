// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "position_table.h"
#include "statement.h"

namespace offsetstore::sql {

/// The one connection of a store that only reads, so that a read never waits for a writer of this
/// process. Each call sees one moment of the database. Not for several threads at once.
class Reader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reader>> Open(Connection connection,
                                                            std::string space);

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline);
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline);

 private:
  Reader(Connection connection, Statement begin, Statement end, PositionTable table) noexcept;

  /// Runs `read` inside a transaction, again while a writer with a rollback journal is in the way.
  template <class T, class F>
  [[nodiscard]] Result<T> Inside(Deadline deadline, F read);

  [[nodiscard]] Answers<Read> FetchOnce(std::string_view group, const Selection& selection);
  [[nodiscard]] Result<GroupPage> ListOnce(const PageRequest& page);

  Connection connection_;
  Statement begin_;
  Statement end_;
  PositionTable table_;
};

}  // namespace offsetstore::sql
