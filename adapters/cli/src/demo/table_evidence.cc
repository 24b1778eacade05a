// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <optional>
#include <string_view>
#include <utility>

#include "demo/evidence.h"
#include "demo/workers.h"
#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

constexpr int kBusyMs = 5000;

struct Closer {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

class TableEvidence final : public Evidence {
 public:
  TableEvidence(std::filesystem::path database, const std::string& table)
      : database_(std::move(database)),
        count_("SELECT max(rowid) FROM \"" + table + '"'),
        values_("SELECT value FROM \"" + table + '"') {}

  [[nodiscard]] std::uint64_t Count() override {
    // No row is ever removed, so the last one has the number of all; where nothing can be read yet,
    // or for the moment, it is what it was.
    const auto statement = Prepare(count_);
    if (statement && sqlite3_step(statement.get()) == SQLITE_ROW) {
      last_ = static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0));
    }
    return last_;
  }

  [[nodiscard]] Result<Tally> Total(std::uint64_t records) override {
    Counting counting(database_.string(), records);
    const auto statement = Prepare(values_);
    int code = statement ? SQLITE_ROW : SQLITE_ERROR;
    while (code == SQLITE_ROW && (code = sqlite3_step(statement.get())) == SQLITE_ROW) {
      const auto* text = static_cast<const char*>(sqlite3_column_blob(statement.get(), 0));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 0));
      const std::string_view value = text == nullptr ? "" : std::string_view(text, size);
      OS_RETURN_IF_ERROR(counting.Add(NumberOf(value), value));
    }
    if (code == SQLITE_DONE) return counting.Total();
    return MakeError(ErrorCode::kUnavailable,
                     "cannot read the results in " + database_.string() + ": " +
                         (db_ ? sqlite3_errmsg(db_.get()) : "there is no database"));
  }

 private:
  std::unique_ptr<sqlite3_stmt, Closer> Prepare(const std::string& sql) {
    if (!db_) {
      sqlite3* db = nullptr;
      const int code = sqlite3_open_v2(database_.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
      db_.reset(db);
      if (code != SQLITE_OK) db_.reset();
      if (db_) sqlite3_busy_timeout(db_.get(), kBusyMs);
    }
    sqlite3_stmt* statement = nullptr;
    if (db_) sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &statement, nullptr);
    return std::unique_ptr<sqlite3_stmt, Closer>(statement);
  }

  std::filesystem::path database_;
  std::string count_;
  std::string values_;
  std::unique_ptr<sqlite3, Closer> db_;
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<Evidence> EvidenceInTable(std::filesystem::path database,
                                          const std::string& table) {
  return std::make_unique<TableEvidence>(std::move(database), table);
}

}  // namespace offsetstore::cli
