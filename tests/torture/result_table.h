// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A table of results in the database of the positions, by its client library alone: one row for
// each time a record had its effect, with nothing that would refuse a second one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "offsetstore/consumer.h"

namespace offsetstore::testing {

class ResultTable {
 public:
  ResultTable() = default;
  ResultTable(const ResultTable&) = delete;
  ResultTable& operator=(const ResultTable&) = delete;
  virtual ~ResultTable() = default;

  /// Makes the table where it is missing.
  virtual void Create() = 0;
  /// Writes one row per record, in the transaction that is open.
  [[nodiscard]] virtual Status Write(std::span<Record* const> records) = 0;
  /// The positions on the same connection.
  [[nodiscard]] virtual Result<std::unique_ptr<TransactionalPositions>> Positions(
      const StoreInfo& store, const std::string& group, Deadline deadline) = 0;

  struct Tally {
    std::uint64_t rows = 0;
    std::uint64_t distinct = 0;
  };
  [[nodiscard]] virtual Tally Count() = 0;
};

/// On a connection of its own to the database of a store's URI (`sqlite:`, `postgresql:`); throws
/// where that cannot be made.
[[nodiscard]] std::unique_ptr<ResultTable> OpenResultTable(const std::string& uri);

}  // namespace offsetstore::testing
