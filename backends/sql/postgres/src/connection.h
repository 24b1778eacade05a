// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "conninfo.h"
#include "handles.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "pipeline.h"
#include "prepared.h"

namespace offsetstore::postgres {

/// One connection of a store. Not for several threads at once.
class Connection {
 public:
  /// Connects to the first server that takes us. Errors: what the last one said, or the first that
  /// speaks of rights or of the configuration.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> Open(std::span<const Server> servers,
                                                                Deadline deadline);

  /// Runs a pipeline; statements are prepared on first use where `prepare` is true.
  [[nodiscard]] Replies Run(std::span<const Command> commands,
                            bool prepare,
                            Deadline deadline,
                            const Late* late = nullptr);

  /// The server that it leads to.
  [[nodiscard]] const Server& server() const noexcept { return server_; }

  /// What the server warned of while it ran command `index` of the last pipeline; empty: nothing.
  [[nodiscard]] const std::string& WarningAt(std::size_t index) const;

  /// Whether it can be used again: not broken, nothing under way, no transaction open.
  [[nodiscard]] bool IsReusable() const;
  /// Nothing more of it shall be used.
  void Spoil() noexcept { spoilt_ = true; }

  /// Whether a pooler stands between, so that the server's session is not ours alone.
  [[nodiscard]] bool is_pooled() const noexcept { return pooled_; }
  [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }
  /// Gives it away; this must not be used any more.
  [[nodiscard]] PgConnection Release();

 private:
  Connection(PgConnection connection, Server server);
  [[nodiscard]] Status FindPooler(Deadline deadline);
  static void OnNotice(void* self, const PGresult* notice);

  void Note(std::string text);

  PgConnection connection_;
  Server server_;
  bool spoilt_ = false;
  bool pooled_ = false;
  Prepared prepared_;
  std::size_t at_ = 0;                 // of the command in the plan that runs
  std::vector<std::size_t> origin_;    // of the plan that runs
  std::vector<std::string> warnings_;  // by command of the caller
};

}  // namespace offsetstore::postgres
