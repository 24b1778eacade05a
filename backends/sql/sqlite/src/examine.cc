// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "connection.h"
#include "database_file.h"
#include "internal/local_files.h"
#include "internal/macros.h"
#include "open_mark.h"
#include "schema.h"
#include "store_info.h"

namespace offsetstore::sql {
namespace {

// The folder too: SQLite makes its log and its shared memory there, and we the lock file.
Finding RightsOn(const std::filesystem::path& path) {
  for (const std::string& one : {path.string(), path.parent_path().string()}) {
    if (internal::MayWrite(one)) continue;
    return {std::string(kRightsCheck),
            Grade::kFailed,
            "may not read and write " + Printable(one),
            "give this user both the file and its folder: SQLite keeps -wal and -shm there"};
  }
  return {std::string(kRightsCheck), Grade::kOk, "may read and write the file and its folder", {}};
}

Finding Journal(bool wal) {
  if (wal) return {"journal", Grade::kOk, "write-ahead log: readers and writers do not wait", {}};
  return {"journal",
          Grade::kWarning,
          "rollback journal: readers and writers wait for each other",
          "if the database's owner agrees: PRAGMA journal_mode=WAL"};
}

}  // namespace

Result<Examination> ExamineSqliteStore(const SqliteOptions& options, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::filesystem::path path, PrepareFile(options.path, false));
  // SQLite opens a file that may not be written without a word, for reading only.
  Finding rights = RightsOn(path);
  if (rights.grade == Grade::kFailed) {
    return MakeError(ErrorCode::kPermissionDenied, rights.detail + "; " + rights.advice);
  }
  OS_ASSIGN_OR_RETURN([[maybe_unused]] const OpenMark mark, OpenMark::Make(path, deadline));
  OS_ASSIGN_OR_RETURN(const Connection connection, OpenConnection(path));
  OS_ASSIGN_OR_RETURN(const Schema schema, LookAtSchema(connection->getHandle(), deadline));
  Examination examination{MakeInfo(options, path, schema), {}};
  auto& findings = examination.findings;
  findings.push_back(
      {std::string(kVersionCheck), Grade::kOk, std::string("SQLite ") + sqlite3_libversion(), {}});
  findings.push_back(std::move(rights));
  findings.push_back(Journal(schema.wal));
  findings.push_back(internal::DiskFinding(path.string()));
  return examination;
}

}  // namespace offsetstore::sql
