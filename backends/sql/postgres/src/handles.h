// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <memory>

namespace offsetstore::postgres {

struct FreeResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, FreeResult>;

struct FreeConnection {
  void operator()(PGconn* connection) const noexcept;
};
/// Closes without waiting. What libpq still holds back is not sent any more.
using PgConnection = std::unique_ptr<PGconn, FreeConnection>;

}  // namespace offsetstore::postgres
