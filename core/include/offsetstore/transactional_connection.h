// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/transaction.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// The caller's own database connection, as far as somebody else (`Consumer::RunTransactions`) begins
/// and ends its transactions. Made by `UseSqliteConnection`, `UsePostgresConnection`; implement it
/// over a client of your own.
///
/// Threads: one at a time. Blocking: until the deadline, or as long as the connection itself waits.
class TransactionalConnection {
 public:
  TransactionalConnection() = default;
  TransactionalConnection(const TransactionalConnection&) = delete;
  TransactionalConnection& operator=(const TransactionalConnection&) = delete;
  virtual ~TransactionalConnection() = default;

  /// The positions of `group` on this connection; see `TransactionalPositions`.
  [[nodiscard]] virtual Result<std::unique_ptr<TransactionalPositions>> Positions(
      const StoreInfo& store, const std::string& group, Deadline deadline) = 0;

  /// Begins a transaction that will write; connects anew where the connection was lost.
  /// `InvalidArgument`: one is open already.
  [[nodiscard]] virtual Status Begin(Deadline deadline) = 0;

  /// Ends it. An error with `InDoubt`: it may be committed, or may be later; any other: it is not.
  [[nodiscard]] virtual Status Commit(Deadline deadline) = 0;

  /// Ends it without its effects; success where none is open. Afterwards the connection can begin
  /// the next one, or an error says that `Begin` has to connect anew first.
  [[nodiscard]] virtual Status Rollback(Deadline deadline) = 0;
};

}  // namespace offsetstore
