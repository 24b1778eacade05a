// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

struct PostgresDeleter {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PostgresConnection = std::unique_ptr<PGconn, PostgresDeleter>;
using PostgresResult = std::unique_ptr<PGresult, PostgresDeleter>;

/// Runs one statement with text for `$1`, `$2`, ... After `DeadlineExceeded` the connection must be
/// closed: its answer may still come.
[[nodiscard]] Result<PostgresResult> Query(PGconn* connection,
                                           const std::string& sql,
                                           const std::vector<std::string>& parameters,
                                           Deadline deadline);

/// A field of a result, as text.
[[nodiscard]] std::string TextAt(const PostgresResult& result, int row, int column);

/// A name as SQL takes it, whatever is in it.
[[nodiscard]] std::string PostgresName(const std::string& name);

}  // namespace offsetstore::cli
