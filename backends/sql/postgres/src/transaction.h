// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "connection.h"
#include "end_wait.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "pipeline.h"
#include "statements.h"

namespace offsetstore::postgres {

/// A transaction on one of our connections, bounded at the server too: by the time the deadline has
/// passed it has ended there by itself, whatever became of the network. The one thing that the
/// server does not bound is the wait of a COMMIT for a synchronous standby: that is ended from
/// here. A connection that gave no answer is dropped.
class Transaction {
 public:
  enum class Kind {
    kRead,          ///< All of it at one moment.
    kWrite,         ///< Its commit is as durable as the server is set to.
    kWriteDurable,  ///< Its commit waits for the disk at least.
  };
  /// All must outlive it.
  Transaction(Connection& connection,
              const Statements& statements,
              Kind kind,
              bool prepare,
              Deadline deadline)
      : connection_(connection),
        statements_(statements),
        kind_(kind),
        prepare_(prepare),
        deadline_(deadline),
        server_deadline_(Deadline::After(ServerBound(deadline))) {}

  /// How long a statement may take at the server, a little less than is left: its refusal shall
  /// arrive in time.
  [[nodiscard]] static Duration ServerBound(Deadline deadline);

  struct Finished {
    std::vector<PgResult> results;  ///< One for each command of the body.
    std::string warning;            ///< What the server said on the commit; empty: nothing.
  };

  /// Begin, body and commit in one round trip. Errors: `InDoubt` (a commit was sent and not
  /// answered); all others mean that nothing was applied.
  [[nodiscard]] Result<Finished> Whole(std::vector<Command> body);

  /// Begin and body; the transaction stays open. Errors mean that it did not. `rows`: how many the
  /// caller has to decide about before `End`, for which the server waits a little longer.
  [[nodiscard]] Result<std::vector<PgResult>> Begin(std::vector<Command> body,
                                                    std::size_t rows = 0);

  /// Body and commit of what `Begin` began. Errors as `Whole`.
  [[nodiscard]] Result<Finished> End(std::vector<Command> body);

  /// Gives up what `Begin` began.
  void Rollback();

 private:
  void AppendBegin(std::vector<Command>& to, std::size_t rows) const;
  [[nodiscard]] Result<Finished> Finish(std::vector<Command> commands, std::size_t first);
  [[nodiscard]] Error Refused(const PGresult* result);
  void EndWait(const std::vector<PgResult>& so_far) const;

  Connection& connection_;
  const Statements& statements_;
  Kind kind_;
  bool prepare_;
  Deadline deadline_;
  Deadline server_deadline_;
  std::optional<Mark> mark_;  // of the transaction that Begin began
};

}  // namespace offsetstore::postgres
