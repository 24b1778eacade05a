// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pipeline.h"
#include "statements.h"

namespace offsetstore::postgres {

/// The statements inside a caller's own transaction. None begins or ends it.
struct BatchStatements {
  /// `veto`: what the cursor is called that stands in the way of a COMMIT.
  BatchStatements(const TableNames& names, const std::string& veto);

  Statement find;       ///< Our tables' name: whether it is there; the client's encoding.
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
