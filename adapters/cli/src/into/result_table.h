// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include "into/into_uri.h"
#include "into/row.h"
#include "offsetstore/consumer.h"
#include "offsetstore/transaction.h"

namespace offsetstore::cli {

/// The table that records go into, on a connection whose transactions move the positions as well.
/// One thread at a time.
class ResultTable {
 public:
  ResultTable() = default;
  ResultTable(const ResultTable&) = delete;
  ResultTable& operator=(const ResultTable&) = delete;
  virtual ~ResultTable() = default;

  /// Connects anew, and gives the positions of `group`, which must be gone before the next call and
  /// before this object. `ConfigInvalid` where the database is not the one of `store`.
  [[nodiscard]] virtual Result<std::unique_ptr<TransactionalPositions>> Connect(
      const StoreInfo& store, const std::string& group, Deadline deadline) = 0;

  /// After `Connect`: makes the table where it is not there, else checks its columns.
  /// `ConfigInvalid` where they do not fit: then nothing was changed.
  [[nodiscard]] virtual Status Prepare(Deadline deadline) = 0;

  /// After `Prepare`: writes one row for each record, in the transaction that is open.
  [[nodiscard]] virtual Status Write(std::span<Record* const> records) = 0;

  /// Whether there was no room for what was written.
  [[nodiscard]] virtual bool IsFull(const Error& error) const noexcept = 0;
};

/// `ConfigInvalid` where an option is wrong; nothing is opened yet.
[[nodiscard]] Result<std::unique_ptr<ResultTable>> NewResultTable(const IntoUri& into,
                                                                  Values values);

/// Takes the table away.
[[nodiscard]] Status DropResultTable(const IntoUri& into);

}  // namespace offsetstore::cli
