// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apply.h"
#include "busy_wait.h"
#include "connection.h"
#include "database_file.h"
#include "fair_mutex.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "internal/utf8.h"
#include "offsetstore/backends/sqlite.h"
#include "open_mark.h"
#include "reader.h"
#include "schema.h"
#include "shared/answers.h"
#include "store_info.h"
#include "writer.h"

namespace offsetstore {
namespace {

using sql::FairMutex;
using sql::FairUnlock;
using sql::PositionTable;

class SqliteStore final : public OffsetStore {
 public:
  SqliteStore(StoreInfo info,
              sql::OpenMark mark,
              std::unique_ptr<sql::Writer> writer,
              std::unique_ptr<sql::Reader> reader)
      : info_(std::move(info)),
        mark_(std::move(mark)),
        writer_(std::move(writer)),
        reader_(std::move(reader)) {}
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;
  ~SqliteStore() override;

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override;
  [[nodiscard]] Status Close(Deadline deadline) override;

 private:
  /// The store is open and this is the process that opened it.
  [[nodiscard]] Status CheckUsable() const;
  [[nodiscard]] Status Enter(FairMutex& mutex, Deadline deadline) const;

  /// Runs `apply` in one transaction. `keep` looks at the answers and says whether they stand.
  template <class Answer, class Apply, class Keep>
  [[nodiscard]] Answers<Answer> Write(Deadline deadline, Apply apply, Keep keep);
  template <class Answer, class Apply>
  [[nodiscard]] Answers<Answer> Write(Deadline deadline, Apply apply) {
    return Write<Answer>(deadline, apply, [](const std::vector<Answer>&) { return true; });
  }

  StoreInfo info_;
  pid_t pid_ = ::getpid();
  sql::OpenMark mark_;  // outlives the connections
  FairMutex writing_;   // guards writer_
  std::unique_ptr<sql::Writer> writer_;
  FairMutex reading_;  // guards reader_
  std::unique_ptr<sql::Reader> reader_;
};

SqliteStore::~SqliteStore() {
  if (::getpid() == pid_) return;
  // SQLite must not even be closed in the child of a fork: it would take the parent's log away.
  static_cast<void>(writer_.release());
  static_cast<void>(reader_.release());
}

Status SqliteStore::CheckUsable() const {
  if (::getpid() != pid_) {
    return MakeError(ErrorCode::kUnsupported,
                     "the store was opened before fork() and cannot be used in the child; open it "
                     "only after fork()");
  }
  return {};
}

Status SqliteStore::Enter(FairMutex& mutex, Deadline deadline) const {
  OS_RETURN_IF_ERROR(CheckUsable());
  if (mutex.Lock(deadline)) return {};
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "other threads of this process kept the store busy until the deadline");
}

template <class Answer, class Apply, class Keep>
Answers<Answer> SqliteStore::Write(Deadline deadline, Apply apply, Keep keep) {
  OS_RETURN_IF_ERROR(Enter(writing_, deadline));
  const FairUnlock unlock(writing_);
  if (writer_ == nullptr) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  OS_RETURN_IF_ERROR(writer_->transaction().Begin(deadline));
  Answers<Answer> answers = apply(writer_->table());
  if (!answers || !keep(*answers)) {
    writer_->transaction().Rollback();
    return answers;
  }
  if (Status committed = writer_->transaction().Commit(deadline); !committed) {
    if (committed.error().code != ErrorCode::kInDoubt) return std::move(committed).error();
    sql::MarkInDoubt(*answers, committed.error());
  }
  return answers;
}

Result<GroupPage> SqliteStore::ListGroups(const PageRequest& page, Deadline deadline) {
  OS_RETURN_IF_ERROR(Enter(reading_, deadline));
  const FairUnlock unlock(reading_);
  if (reader_ == nullptr) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  return reader_->ListGroups(page, deadline);
}

Answers<Read> SqliteStore::Fetch(std::string_view group,
                                 const Selection& selection,
                                 Deadline deadline) {
  OS_RETURN_IF_ERROR(Enter(reading_, deadline));
  const FairUnlock unlock(reading_);
  if (reader_ == nullptr) return MakeError(ErrorCode::kUnavailable, "the store is closed");
  return reader_->Fetch(group, selection, deadline);
}

Answers<ClaimAnswer> SqliteStore::Claim(std::string_view group,
                                        std::span<const ClaimRequest> requests,
                                        const Owner& by,
                                        Deadline deadline) {
  return Write<ClaimAnswer>(deadline, [&](PositionTable& table) {
    table.Use(group);
    return sql::ApplyClaims(table, requests, by);
  });
}

Answers<Outcome> SqliteStore::Commit(std::string_view group,
                                     std::span<const Move> moves,
                                     const Owner& by,
                                     Atomicity atomicity,
                                     Deadline deadline) {
  const std::string writer = internal::Signature(by);
  const auto apply = [&](PositionTable& table) {
    table.Use(group, writer);
    return sql::ApplyMoves(table, moves, by);
  };
  return Write<Outcome>(deadline, apply, [atomicity](std::vector<Outcome>& outcomes) {
    return atomicity == Atomicity::kEach || internal::RefuseUnlessAll(outcomes);
  });
}

Answers<Outcome> SqliteStore::Release(std::string_view group,
                                      std::span<const Claimed> claims,
                                      Deadline deadline) {
  return Write<Outcome>(deadline, [&](PositionTable& table) {
    table.Use(group);
    return sql::ApplyReleases(table, claims);
  });
}

Answers<Outcome> SqliteStore::Remove(std::string_view group,
                                     std::span<const Removal> removals,
                                     const Owner& by,
                                     Deadline deadline) {
  return Write<Outcome>(deadline, [&](PositionTable& table) {
    table.Use(group);
    return sql::ApplyRemovals(table, removals, by);
  });
}

Status SqliteStore::Close(Deadline deadline) {
  OS_RETURN_IF_ERROR(Enter(writing_, deadline));
  const FairUnlock unlock_writer(writing_);
  OS_RETURN_IF_ERROR(Enter(reading_, deadline));
  const FairUnlock unlock_reader(reading_);
  reader_.reset();
  if (writer_ == nullptr) return {};
  Status synced = writer_->Checkpoint();
  writer_.reset();
  return synced;
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenSqliteStore(const SqliteOptions& options,
                                                     Deadline deadline) {
  if (!internal::IsUtf8(options.space) || options.space.find('\0') != std::string::npos) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "space '" + Printable(options.space) +
                         "' must be valid UTF-8 without the byte 0, as all names in this store");
  }
  OS_ASSIGN_OR_RETURN(const std::filesystem::path path,
                      sql::PrepareFile(options.path, options.create));
  OS_ASSIGN_OR_RETURN(sql::OpenMark mark, sql::OpenMark::Make(path, deadline));
  OS_ASSIGN_OR_RETURN(sql::Connection writing, sql::OpenConnection(path));
  OS_ASSIGN_OR_RETURN(const sql::Schema schema,
                      sql::PrepareSchema(writing->getHandle(), path, options.create, deadline));
  OS_RETURN_IF_ERROR(sql::SetSynchronous(*writing, options.synchronous, schema.wal));
  OS_ASSIGN_OR_RETURN(internal::LockFile turnstile, sql::OpenLock(path));
  OS_ASSIGN_OR_RETURN(std::unique_ptr<sql::Writer> writer,
                      sql::Writer::Open(std::move(writing), std::move(turnstile), options.space));
  OS_ASSIGN_OR_RETURN(sql::Connection reading, sql::OpenConnection(path));
  OS_ASSIGN_OR_RETURN(std::unique_ptr<sql::Reader> reader,
                      sql::Reader::Open(std::move(reading), options.space));
  return std::unique_ptr<OffsetStore>(std::make_unique<SqliteStore>(
      sql::MakeInfo(options, path, schema), std::move(mark), std::move(writer), std::move(reader)));
}

}  // namespace offsetstore
