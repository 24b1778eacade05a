// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "statement.h"

namespace offsetstore::sql {

/// Takes part in transactions of somebody's connection: knows when one has ended, and can refuse
/// its COMMIT. It is a virtual table without rows, since SQLite asks those before each commit and
/// tells them of each end, and a connection may have any number of them. A commit hook would do,
/// but there is only one of them, and taking the place of the caller's cannot be undone.
class CommitGuard {
 public:
  enum class Phase : std::uint8_t {
    kOutside,  ///< Takes part in no transaction (any more).
    kJoined,   ///< In the open transaction; its COMMIT passes.
    kLocked,   ///< Its COMMIT is refused.
    kRefused,  ///< The same, and nothing more may be moved.
    kMoved,    ///< Its COMMIT passes.
  };

  /// Changes nothing in the database.
  [[nodiscard]] static Result<CommitGuard> Make(sqlite3* db);

  CommitGuard(CommitGuard&& other) noexcept;
  CommitGuard& operator=(CommitGuard&&) = delete;
  CommitGuard(const CommitGuard&) = delete;
  CommitGuard& operator=(const CommitGuard&) = delete;
  /// In an open transaction what was refused stays refused.
  ~CommitGuard();

  /// Takes part in the open transaction, which becomes the writer of the database.
  /// Errors: `Unavailable` (what the transaction has read is out of date), `DeadlineExceeded`
  /// (another writer), and what SQLite says.
  [[nodiscard]] Status Join(Deadline deadline);

  [[nodiscard]] Phase phase() const noexcept { return *phase_; }
  /// From a phase within a transaction to another.
  void Set(Phase phase) noexcept { *phase_ = phase; }

 private:
  CommitGuard(sqlite3* db, std::string name, std::shared_ptr<Phase> phase);

  sqlite3* db_;
  std::string name_;
  std::shared_ptr<Phase> phase_;  // shared with SQLite
  std::unique_ptr<Statement> join_;
};

}  // namespace offsetstore::sql
