// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "end_wait.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>

#include "connection.h"
#include "pipeline.h"
#include "rows.h"

namespace offsetstore::postgres {
namespace {

constexpr Oid kTimestamptz = 1184;

}  // namespace

std::optional<Mark> FindMark(const std::vector<PgResult>& results) {
  const auto found = std::find_if(results.begin(), results.end(), [](const PgResult& result) {
    const char* name = PQfname(result.get(), 0);
    return name != nullptr && std::string_view(name) == "offsetstore_backend" &&
           PQntuples(result.get()) == 1;
  });
  if (found == results.end()) return std::nullopt;
  return Mark{static_cast<std::int32_t>(IntegerAt(found->get(), 0, 0)),
              IntegerAt(found->get(), 0, 1)};
}

void EndStandbyWait(const Server& server, const Mark& mark, Deadline deadline) {
  const auto connection = Connection::Open(std::span(&server, 1), deadline);
  if (!connection) return;
  const Statement cancel{"",
                         "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                         " WHERE pid = $1 AND xact_start = $2 AND wait_event = 'SyncRep'",
                         {kInt4, kTimestamptz}};
  Parameters parameters;
  parameters.Int4(mark.backend).Int8(mark.since);
  const std::vector<Command> commands = {Command::Run(cancel, std::move(parameters)),
                                         Command::Sync()};
  // Whether it worked shows in the answer of the commit.
  static_cast<void>((*connection)->Run(commands, false, deadline));
}

}  // namespace offsetstore::postgres
