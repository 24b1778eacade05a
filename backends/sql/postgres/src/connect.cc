// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "connection.h"
#include "conninfo.h"
#include "internal/macros.h"
#include "offsetstore/backends/postgres.h"

namespace offsetstore {

Result<pg_conn*> ConnectPostgres(const PostgresOptions& options, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const postgres::Servers servers, postgres::ToServers(options));
  OS_ASSIGN_OR_RETURN(const auto connection, postgres::Connection::Open(servers.each, deadline));
  return connection->Release().release();
}

}  // namespace offsetstore
