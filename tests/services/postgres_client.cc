// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "postgres_client.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "offsetstore/types.h"

namespace offsetstore::testing {
namespace {

void IgnoreNotice(void* /*nobody*/, const PGresult* /*notice*/) {}

}  // namespace

std::string PostgresServer() {
  const char* uri = std::getenv("OFFSETSTORE_TEST_POSTGRES");
  if (uri != nullptr && *uri != '\0') return uri;
  std::fputs("OFFSETSTORE_TEST_POSTGRES is not set: skipped\n", stderr);
  std::exit(77);
}

std::string UniqueStem() {
  return "t_" + Nonce::Random().Hex();
}

PostgresClient::PostgresClient(const std::string& uri) : connection_(PQconnectdb(uri.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  PQsetNoticeReceiver(connection_.get(), &IgnoreNotice, nullptr);
}

std::unique_ptr<PGresult, PostgresClient::Clear> PostgresClient::Execute(const std::string& sql) {
  std::unique_ptr<PGresult, Clear> result(PQexec(connection_.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
  }
  return result;
}

int PostgresClient::Run(const std::string& sql) {
  const auto result = Execute(sql);
  const std::string count = PQcmdTuples(result.get());
  return count.empty() ? 0 : std::stoi(count);
}

std::string PostgresClient::Ask(const std::string& sql) {
  const auto result = Execute(sql);
  return PQntuples(result.get()) == 0 ? std::string() : PQgetvalue(result.get(), 0, 0);
}

void DropTables(const std::string& uri, const std::string& stem) noexcept {
  try {
    PostgresClient(uri).Run("DROP VIEW IF EXISTS " + stem + "_readable; DROP TABLE IF EXISTS " +
                            stem + "_meta, " + stem + "_positions");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot drop %s: %s\n", stem.c_str(), error.what());
  }
}

}  // namespace offsetstore::testing
