// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The examples that write results into a database, killed again and again. What they did is read by
// the database's own client.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

#include "kafka_client.h"
#include "program.h"
#include "temp_dir.h"

#ifdef EXAMPLE_PAYMENTS
#include <libpq-fe.h>

#include "store_uri.h"
#endif

namespace offsetstore::testing {
namespace {

constexpr int kKills = 5;
constexpr int kBatch = 400;

struct OnceTopic {
  OnceTopic() { EnsureTopics(brokers, {&at, 1}); }

  [[nodiscard]] std::string Config(const std::string& uri, const std::string& delivery) const {
    const std::filesystem::path config = dir / "app.properties";
    std::ofstream(config) << "bootstrap.servers=" << brokers
                          << "\ngroup.id=example\nassign=" << at.topic
                          << ":0\noffsetstore.owner=example\noffsetstore.uri=" << uri
                          << "\noffsetstore.batch.records=20\noffsetstore.batch.interval=5ms"
                          << "\noffsetstore.delivery=" << delivery << "\n";
    return config.string();
  }

  const std::string brokers = KafkaBrokers();
  const TopicPartition at{"example-" + Nonce::Random().Hex(), 0};
  const TempDir dir;
};

std::int64_t Number(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
  sqlite3_busy_timeout(db, 20'000);
  std::int64_t number = -1;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    number = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return number;
}

/// Starts the program, and kills it in the middle of its work; then lets one finish. `done` counts
/// its results.
void KillAndFinish(const OnceTopic& topic,
                   const std::vector<std::string>& command,
                   const std::function<std::int64_t()>& done,
                   const std::vector<std::string>& values) {
  for (int kill = 0; kill < kKills; ++kill) {
    Produce(topic.brokers, topic.at, values);
    const std::int64_t before = done();
    Program program(topic.dir / "out", command);
    REQUIRE(Eventually([&] { return done() > before; }));
    program.Kill();
  }
  const auto total = kKills * static_cast<std::int64_t>(values.size());
  Program last(topic.dir / "last", command);
  CHECK(Eventually([&] { return done() >= total; }));
  last.Terminate();
  static_cast<void>(last.Wait());
  CHECK(done() == total);
}

TEST_CASE("every order is in the table once, whatever is killed") {
  const OnceTopic topic;
  const std::string db = (topic.dir / "shop.db").string();
  REQUIRE(Number(db, "PRAGMA journal_mode = WAL") == 0);
  REQUIRE(Number(db, "CREATE TABLE orders (value TEXT)") == -1);
  KillAndFinish(
      topic,
      {EXAMPLE_ORDERS, topic.Config("sqlite://" + db, "exactly-once"), db},
      [&] { return Number(db, "SELECT count(*) FROM orders"); },
      std::vector<std::string>(kBatch, "one coffee"));
}

TEST_CASE("a record that comes again finds its own key") {
  const OnceTopic topic;
  const std::string db = (topic.dir / "results.db").string();
  const std::string store = "sqlite://" + (topic.dir / "offsets.db").string();
  REQUIRE(Number(db, "PRAGMA journal_mode = WAL") == 0);
  KillAndFinish(
      topic,
      {EXAMPLE_UPSERT, topic.Config(store, "at-least-once"), db},
      [&] { return std::max<std::int64_t>(Number(db, "SELECT count(*) FROM results"), 0); },
      std::vector<std::string>(kBatch, "a document"));
}

#ifdef EXAMPLE_PAYMENTS
/// A PostgreSQL database of the test's own.
class Bank {
 public:
  explicit Bank(std::string server) : server_(std::move(server)) {
    Run(server_, "CREATE DATABASE " + name_);
    Run(uri(), "CREATE TABLE accounts (name text PRIMARY KEY, cents bigint NOT NULL)");
  }
  Bank(const Bank&) = delete;
  Bank& operator=(const Bank&) = delete;
  ~Bank() { Run(server_, "DROP DATABASE " + name_ + " WITH (FORCE)"); }

  [[nodiscard]] std::string uri() const {
    return server_.substr(0, server_.rfind('/') + 1) + name_;
  }
  [[nodiscard]] std::map<std::string, std::int64_t> Balances() const {
    std::map<std::string, std::int64_t> balances;
    for (const auto& [name, cents] : Run(uri(), "SELECT name, cents FROM accounts")) {
      balances[name] = std::stoll(cents);
    }
    return balances;
  }

 private:
  using Rows = std::vector<std::pair<std::string, std::string>>;
  static Rows Run(const std::string& server, const std::string& sql) {
    PGconn* connection = PQconnectdb(server.c_str());
    PGresult* answer = PQexec(connection, sql.c_str());
    const auto status = PQresultStatus(answer);
    Rows rows;
    for (int i = 0; i < PQntuples(answer); ++i) {
      rows.emplace_back(PQgetvalue(answer, i, 0), PQgetvalue(answer, i, 1));
    }
    const std::string error = PQerrorMessage(connection);
    PQclear(answer);
    PQfinish(connection);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(error);
    return rows;
  }

  const std::string server_;
  const std::string name_ = "bank_" + Nonce::Random().Hex();
};

TEST_CASE("the sum of all balances stays what it was, whatever is killed") {
  const Bank bank(SharedServer("postgres"));
  const OnceTopic topic;
  std::vector<std::string> payments;
  for (int i = 0; i < kBatch; ++i) payments.emplace_back(i % 2 == 0 ? "ann bob 3" : "bob cid 1");
  payments.emplace_back("no payment at all");
  // Each payment of the first kind takes 3 cents from Ann; the last record pays her back one.
  payments.emplace_back("cid ann 1");
  const auto paid = [&] {
    const auto balances = bank.Balances();
    std::int64_t sum = 0;
    for (const auto& [name, cents] : balances) sum += cents;
    CHECK(sum == 0);
    return balances.empty() ? 0 : -balances.at("ann");
  };
  const auto whole = kKills * (std::int64_t{kBatch} / 2 * 3 - 1);
  const std::vector<std::string> command = {
      EXAMPLE_PAYMENTS, topic.Config(bank.uri(), "exactly-once"), bank.uri()};
  for (int kill = 0; kill < kKills; ++kill) {
    Produce(topic.brokers, topic.at, payments);
    const std::int64_t before = paid();
    Program program(topic.dir / "out", command);
    REQUIRE(Eventually([&] { return paid() > before; }));
    program.Kill();
  }
  Program last(topic.dir / "last", command);
  const auto done = [&] { return bank.Balances().at("cid") == kKills * (kBatch / 2 - 1); };
  CHECK(Eventually([&] { return paid() == whole && done(); }));
  last.Terminate();
  CHECK(last.Wait() == 0);
  CHECK(paid() == whole);
  CHECK(bank.Balances().at("bob") == kKills * (kBatch / 2 * 2));
}
#endif

}  // namespace
}  // namespace offsetstore::testing
