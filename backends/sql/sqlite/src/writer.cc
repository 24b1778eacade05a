// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <utility>

#include "internal/macros.h"
#include "sqlite_error.h"

namespace offsetstore::sql {

Result<std::unique_ptr<Writer>> Writer::Open(Connection connection,
                                             internal::LockFile turnstile,
                                             std::string space) {
  sqlite3* db = connection->getHandle();
  OS_ASSIGN_OR_RETURN(WriteTransaction transaction,
                      WriteTransaction::Prepare(db, std::move(turnstile)));
  OS_ASSIGN_OR_RETURN(PositionTable table, PositionTable::Prepare(db, std::move(space)));
  return std::unique_ptr<Writer>(
      new Writer(std::move(connection), std::move(transaction), std::move(table)));
}

Writer::Writer(Connection connection, WriteTransaction transaction, PositionTable table) noexcept
    : connection_(std::move(connection)),
      transaction_(std::move(transaction)),
      table_(std::move(table)) {}

Status Writer::Checkpoint() {
  sqlite3* db = connection_->getHandle();
  const int code =
      sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || IsBusy(code)) return {};
  return SqliteError(db, "checkpoint");
}

}  // namespace offsetstore::sql
