// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pipeline.h"
#include "statements.h"

namespace offsetstore::postgres {

/// The statements inside a caller's own transaction. None begins or ends it.
struct BatchStatements {
  /// `number`: tells their names in a session from those of others. The name of the cursor that
  /// stands in the way of a COMMIT has it too.
  BatchStatements(const TableNames& names, std::uint64_t number);

  Statement find;       ///< Whether our tables are there; the client's encoding; the session.
  Statement meta;       ///< `format` and `store-id`.
  Statement enter;      ///< The transaction's id and the store's; bounds for what follows.
  Statement lock_rows;  ///< Rows by key, locked.
  Statement leave;      ///< The caller's own bound for locks again.
  Statement veto;       ///< From here on a COMMIT is refused.
  Statement lift;       ///< And from here on it passes.
  Statement advance;    ///< The fence, in the transaction that is named only; returns which.
  Statement read_rows;  ///< Rows by key.
  Statement spoil;      ///< Fails, and with it the transaction.
};

}  // namespace offsetstore::postgres
