// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>

#include <stdexcept>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/uri.h"
#include "result_table.h"

namespace offsetstore::testing {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

class PostgresResults final : public ResultTable {
 public:
  explicit PostgresResults(const std::string& uri) : conninfo_(uri.substr(0, uri.find('?'))) {
    const auto parsed = ParseUri(uri);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    auto options = PostgresOptions::FromUri(*parsed);
    if (!options) throw std::runtime_error(options.error().message);
    options_ = *std::move(options);
    table_ = options_.table + "_results";
    if (!Connect()) Throw();
  }
  PostgresResults(const PostgresResults&) = delete;
  PostgresResults& operator=(const PostgresResults&) = delete;
  ~PostgresResults() override { PQfinish(connection_); }

  void Create() override {
    const Answer done =
        Run("CREATE TABLE IF NOT EXISTS " + table_ + " (part int NOT NULL, pos bigint NOT NULL)");
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) Throw();
  }

  [[nodiscard]] Status Write(std::span<Record* const> records) override {
    if (records.empty()) return {};
    std::string insert = "INSERT INTO " + table_ + " VALUES ";
    const char* comma = "";
    for (const Record* record : records) {
      insert += comma + ('(' + std::to_string(record->partition())) + ',' +
                std::to_string(record->offset()) + ')';
      comma = ",";
    }
    const Answer done = Run(insert);
    if (PQresultStatus(done.get()) == PGRES_COMMAND_OK) return {};
    return MakeError(ErrorCode::kUnavailable, PQerrorMessage(connection_));
  }

  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> Positions(
      const StoreInfo& store, const std::string& group, Deadline deadline) override {
    if (!Connect()) {
      return MakeError(ErrorCode::kUnavailable, PQerrorMessage(connection_));
    }
    constexpr std::chrono::seconds kMostIdle{2};
    return OpenPostgresTransactional(connection_, options_, store, group, deadline, kMostIdle);
  }

  [[nodiscard]] Tally Count() override {
    const Answer counted =
        Run("SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT part, pos FROM " + table_ +
            ") AS once) FROM " + table_);
    if (PQresultStatus(counted.get()) != PGRES_TUPLES_OK) Throw();
    return {.rows = std::stoull(PQgetvalue(counted.get(), 0, 0)),
            .distinct = std::stoull(PQgetvalue(counted.get(), 0, 1))};
  }

 private:
  bool Connect() {
    PQfinish(connection_);
    connection_ = PQconnectdb(conninfo_.c_str());
    return PQstatus(connection_) == CONNECTION_OK;
  }
  Answer Run(const std::string& sql) { return {PQexec(connection_, sql.c_str()), &PQclear}; }
  [[noreturn]] void Throw() { throw std::runtime_error(PQerrorMessage(connection_)); }

  const std::string conninfo_;
  PostgresOptions options_;
  std::string table_;
  PGconn* connection_ = nullptr;
};

}  // namespace

std::unique_ptr<ResultTable> OpenPostgresResults(const std::string& uri) {
  return std::make_unique<PostgresResults>(uri);
}

}  // namespace offsetstore::testing
