// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "handles.h"
#include "offsetstore/deadline.h"
#include "offsetstore/error.h"
#include "parameters.h"

namespace offsetstore::postgres {

/// One SQL statement with the types of its parameters.
struct Statement {
  std::string name;  ///< What it is prepared under.
  std::string sql;
  std::vector<Oid> types;
  std::vector<Oid> columns =
      {};  ///< Of its rows, where a client gives them as text; see transport.h.
};

/// One message of a pipeline, and its result.
struct Command {
  enum class Kind { kRun, kPrepare, kRunPrepared, kSync };
  Kind kind = Kind::kRun;
  const Statement* statement = nullptr;
  Parameters parameters;

  [[nodiscard]] static Command Run(const Statement& statement, Parameters parameters = {}) {
    return {Kind::kRun, &statement, std::move(parameters)};
  }
  /// The server answers what came before it, and after an error goes on behind it.
  [[nodiscard]] static Command Sync() { return {Kind::kSync, nullptr, {}}; }
};

/// What came back.
struct Replies {
  std::vector<PgResult> results;  ///< One for each command, in order; the last ones are missing
                                  ///< where the connection did not last.
  std::optional<Error> cut;       ///< Why they are missing: `Unavailable` or `DeadlineExceeded`.
  bool sent = false;              ///< Whether anything may have reached the server.
};

/// What to do, once, when not all is answered by some moment before the deadline.
struct Late {
  Deadline when;
  std::function<void(const std::vector<PgResult>& so_far)> act;
};

/// Sends all commands in one go and collects their results: one round trip. Works on any
/// connection that runs nothing at the moment, also a caller's own inside his own transaction: its
/// mode is left as it was. After a cut the connection must be closed.
/// `at`, where given, holds the number of the command whose result is being awaited, for a notice
/// receiver to look at.
[[nodiscard]] Replies RunPipeline(PGconn* connection,
                                  std::span<const Command> commands,
                                  Deadline deadline,
                                  std::size_t* at = nullptr,
                                  const Late* late = nullptr);

}  // namespace offsetstore::postgres
