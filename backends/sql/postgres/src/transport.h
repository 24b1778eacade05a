// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "handles.h"
#include "offsetstore/backends/postgres.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "pipeline.h"

namespace offsetstore::postgres {

/// Somebody's own connection, whatever client it belongs to.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Whether a transaction is open in which something can be done, as far as the client knows.
  /// `InvalidArgument`, `Unavailable`.
  [[nodiscard]] virtual Status CheckInTransaction() const = 0;

  /// Runs all, in this order, until one fails; a result for each, in binary form. After an error
  /// the caller's transaction has failed. `doing` is for the error.
  [[nodiscard]] virtual Result<std::vector<PgResult>> Run(std::span<const Command> commands,
                                                          std::string_view doing,
                                                          Deadline deadline) = 0;

  /// The client's own BEGIN, COMMIT and ROLLBACK.
  [[nodiscard]] virtual Status Begin(Deadline deadline) = 0;
  [[nodiscard]] virtual Status Commit(Deadline deadline) = 0;
  virtual void Rollback() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<Transport> MakeLibpqTransport(PGconn* connection);
[[nodiscard]] std::unique_ptr<Transport> MakePortTransport(PostgresPort& port);

}  // namespace offsetstore::postgres
