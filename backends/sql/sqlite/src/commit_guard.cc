// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "commit_guard.h"

#include <atomic>
#include <new>
#include <utility>

#include "busy_wait.h"
#include "internal/macros.h"
#include "sqlite_error.h"

namespace offsetstore::sql {
namespace {

using Phase = CommitGuard::Phase;

/// The virtual table. SQLite owns it, and its phase outlives the guard that made it.
struct Table : sqlite3_vtab {
  std::shared_ptr<Phase> phase;
};

std::shared_ptr<Phase>& PhaseOf(sqlite3_vtab* table) {
  return static_cast<Table*>(table)->phase;
}

int Connect(sqlite3* db,
            void* phase,
            int /*count*/,
            const char* const* /*words*/,
            sqlite3_vtab** table,
            char** /*error*/) {
  const int code = sqlite3_declare_vtab(db, "CREATE TABLE guard (step)");
  if (code != SQLITE_OK) return code;
  *table = new (std::nothrow) Table{{}, *static_cast<std::shared_ptr<Phase>*>(phase)};
  return *table == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

// It has no rows and nobody reads it: without a plan there is no query.
int BestIndex(sqlite3_vtab* /*table*/, sqlite3_index_info* /*info*/) {
  return SQLITE_CONSTRAINT;
}

int Update(sqlite3_vtab* table, int /*count*/, sqlite3_value** /*values*/, sqlite3_int64* row) {
  *PhaseOf(table) = Phase::kJoined;
  *row = 1;
  return SQLITE_OK;
}

// Without this one SQLite would not take the table for a part of the transaction.
int Begin(sqlite3_vtab* /*table*/) {
  return SQLITE_OK;
}

int BeforeCommit(sqlite3_vtab* table) {
  const Phase phase = *PhaseOf(table);
  if (phase != Phase::kLocked && phase != Phase::kRefused) return SQLITE_OK;
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf(
      phase == Phase::kLocked
          ? "offsetstore: COMMIT refused and rolled back: the positions of this batch are locked "
            "and not moved (a handler must not commit by itself)"
          : "offsetstore: COMMIT refused and rolled back: the move of this batch was refused");
  return SQLITE_CONSTRAINT_VTAB;
}

int AtEnd(sqlite3_vtab* table) {
  *PhaseOf(table) = Phase::kOutside;
  return SQLITE_OK;
}

sqlite3_module MakeModule() noexcept {
  sqlite3_module module{};
  module.iVersion = 1;
  // No xCreate: it is there by itself and cannot be made part of a schema.
  module.xConnect = &Connect;
  module.xBestIndex = &BestIndex;
  module.xDisconnect = &Disconnect;
  module.xDestroy = &Disconnect;
  module.xUpdate = &Update;
  module.xBegin = &Begin;
  module.xSync = &BeforeCommit;
  module.xCommit = &AtEnd;
  module.xRollback = &AtEnd;
  return module;
}

const sqlite3_module kModule = MakeModule();

void DropPhase(void* phase) {
  delete static_cast<std::shared_ptr<Phase>*>(phase);
}

std::string NewName() {
  static std::atomic<std::uint64_t> count{0};
  return "offsetstore_guard_" + std::to_string(++count);
}

}  // namespace

CommitGuard::CommitGuard(sqlite3* db, std::string name, std::shared_ptr<Phase> phase)
    : db_(db), name_(std::move(name)), phase_(std::move(phase)) {}

CommitGuard::CommitGuard(CommitGuard&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)),
      name_(std::move(other.name_)),
      phase_(std::move(other.phase_)),
      join_(std::move(other.join_)) {}

Result<CommitGuard> CommitGuard::Make(sqlite3* db) {
  CommitGuard guard(db, NewName(), std::make_shared<Phase>(Phase::kOutside));
  // SQLite frees the last argument, also where it fails.
  if (sqlite3_create_module_v2(db,
                               guard.name_.c_str(),
                               &kModule,
                               new std::shared_ptr<Phase>(guard.phase_),
                               &DropPhase) != SQLITE_OK) {
    return SqliteError(db, "register a virtual table");
  }
  OS_ASSIGN_OR_RETURN(Statement join,
                      Statement::Prepare(db, "INSERT INTO main." + guard.name_ + " VALUES (1)"));
  guard.join_ = std::make_unique<Statement>(std::move(join));
  return guard;
}

CommitGuard::~CommitGuard() {
  if (db_ == nullptr) return;
  join_.reset();
  sqlite3_create_module_v2(db_, name_.c_str(), nullptr, nullptr, nullptr);
}

Status CommitGuard::Join(Deadline deadline) {
  const sqlite3_int64 last_row = sqlite3_last_insert_rowid(db_);
  int code = SQLITE_OK;
  const int waited = WhileBusy(deadline, [this, &code] {
    code = join_->Run();
    // Waiting would not help: what was read stays as old as it is.
    return code == SQLITE_BUSY_SNAPSHOT ? SQLITE_OK : code;
  });
  if (code == SQLITE_DONE) {
    sqlite3_set_last_insert_rowid(db_, last_row);
    return {};
  }
  if (IsBusy(waited)) return BusyError(db_);
  if (code != SQLITE_BUSY_SNAPSHOT) return SqliteError(db_, "lock the database");
  return MakeError(ErrorCode::kUnavailable,
                   "the transaction has read before another connection wrote, and cannot write any "
                   "more; roll back, and begin with BEGIN IMMEDIATE");
}

}  // namespace offsetstore::sql
