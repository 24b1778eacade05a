// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "connection.h"
#include "internal/flock.h"
#include "offsetstore/result.h"
#include "position_table.h"
#include "write_transaction.h"

namespace offsetstore::sql {

/// The one connection of a store that writes. Not for several threads at once.
class Writer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Writer>> Open(Connection connection,
                                                            internal::LockFile turnstile,
                                                            std::string space);

  /// The transactions on it.
  [[nodiscard]] WriteTransaction& transaction() noexcept { return transaction_; }

  /// Moves the write-ahead log to the disk, as far as no reader is in the way.
  [[nodiscard]] Status Checkpoint();

  [[nodiscard]] PositionTable& table() noexcept { return table_; }

 private:
  Writer(Connection connection, WriteTransaction transaction, PositionTable table) noexcept;

  // The order matters: statements are finalized before the connection closes.
  Connection connection_;
  WriteTransaction transaction_;
  PositionTable table_;
};

}  // namespace offsetstore::sql
