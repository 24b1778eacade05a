// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "conninfo.h"
#include "handles.h"
#include "offsetstore/deadline.h"

namespace offsetstore::postgres {

/// Tells one transaction of a server from every other, also behind a pooler.
struct Mark {
  std::int32_t backend = 0;  ///< The server's process.
  std::int64_t since = 0;    ///< When the transaction began, as the server has it.
};

/// The mark among the results of a transaction that was begun with bounds; none: not answered yet.
[[nodiscard]] std::optional<Mark> FindMark(const std::vector<PgResult>& results);

/// Ends the wait of a transaction's COMMIT for a synchronous standby: it is committed at the
/// primary already, keeps its rows locked, and no timeout of the server applies to it. Does so on a
/// connection of its own, since libpq's cancel blocks without bound where the server does not
/// answer, and touches nothing where that transaction does anything else. Where it does not work by
/// the deadline, the commit stays unanswered.
void EndStandbyWait(const Server& server, const Mark& mark, Deadline deadline);

}  // namespace offsetstore::postgres
