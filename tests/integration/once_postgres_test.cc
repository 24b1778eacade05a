// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once into PostgreSQL, whose COMMIT is cut, held and late, and which is killed. The
// consumer's connection goes through a proxy; the plain store, which takes the claims, does not.
#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <atomic>
#include <functional>
#include <optional>
#include <utility>

#include "mock_cluster.h"
#include "offsetstore/backends/postgres.h"
#include "offsetstore/forwarding_positions.h"
#include "own_server.h"
#include "rig.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

constexpr int kRecords = 500;

std::string WithPort(const std::string& uri, std::uint16_t port) {
  const std::size_t colon = uri.rfind(':');
  return uri.substr(0, colon + 1) + std::to_string(port) + uri.substr(uri.find('/', colon));
}

/// A connection with a table of results.
class Database {
 public:
  explicit Database(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { PQfinish(connection_); }

  /// Connects where it is not, or not any more.
  [[nodiscard]] bool Connect() {
    if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) return true;
    PQfinish(connection_);
    connection_ = PQconnectdb((conninfo_ + "?connect_timeout=5").c_str());
    return PQstatus(connection_) == CONNECTION_OK;
  }
  void Close() { PQfinish(std::exchange(connection_, nullptr)); }
  [[nodiscard]] PGconn* get() const noexcept { return connection_; }
  [[nodiscard]] std::string error() const { return PQerrorMessage(connection_); }
  [[nodiscard]] bool Run(const std::string& sql) const {
    PGresult* done = PQexec(connection_, sql.c_str());
    const bool ok = PQresultStatus(done) == PGRES_COMMAND_OK;
    PQclear(done);
    return ok;
  }
  [[nodiscard]] std::int64_t Number(const std::string& sql) const {
    PGresult* found = PQexec(connection_, sql.c_str());
    const bool ok = PQresultStatus(found) == PGRES_TUPLES_OK && PQntuples(found) == 1;
    const std::int64_t number = ok ? std::stoll(PQgetvalue(found, 0, 0)) : -1;
    PQclear(found);
    return number;
  }

 private:
  std::string conninfo_;
  PGconn* connection_ = nullptr;
};

/// Calls `before` before the COMMIT of the third batch.
class AtThirdCommit final : public ForwardingPositions {
 public:
  AtThirdCommit(std::unique_ptr<TransactionalPositions> below,
                std::atomic<int>& commits,
                const std::function<void()>& before)
      : ForwardingPositions(std::move(below)), commits_(commits), before_(before) {}
  [[nodiscard]] Status Commit(Deadline deadline) override {
    if (++commits_ == 3) before_();
    return below().Commit(deadline);
  }

 private:
  std::atomic<int>& commits_;
  const std::function<void()>& before_;
};

/// A server, a topic, and a consumer of it that runs in a thread.
class Rig {
 public:
  Rig() : proxy(PortOf(server.address())), beside_(server.address()) {
    cluster.CreateTopic("orders", 1);
    Produce(cluster.brokers(), {"orders", 0}, kRecords);
    REQUIRE(beside_.Connect());
    REQUIRE(beside_.Run("CREATE TABLE results (pos bigint NOT NULL)"));
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() = default;

  void Start() {
    Config config = Basic("g", server.address(), cluster.brokers());
    config["assign"] = "orders:0";
    config["offsetstore.delivery"] = "exactly-once";
    config["offsetstore.batch.records"] = "64";
    config["offsetstore.batch.interval"] = "10ms";
    config["offsetstore.on.error"] = "retry";
    config["offsetstore.on.error.backoff"] = "10ms";
    config["offsetstore.on.error.backoff.max"] = "100ms";
    config["offsetstore.store.timeout"] = "3s";
    config["offsetstore.out.of.range"] = out_of_range;
    run_.emplace(config, [this](Consumer& consumer, std::stop_token stop) {
      return consumer.RunTransactions(
          [this](const StoreInfo& store, const std::string& group, Deadline deadline) {
            return Positions(store, group, deadline);
          },
          [this](std::span<Record* const> records) { return Insert(records); },
          std::move(stop));
    });
  }
  [[nodiscard]] Recorder& events() { return run_->events(); }

  [[nodiscard]] bool WaitForAll() {
    return Eventually(
        [&] {
          return beside_.Connect() && beside_.Number("SELECT count(*) FROM results") >= kRecords;
        },
        std::chrono::seconds(60));
  }
  void CheckOnce() {
    CHECK_MESSAGE(WaitForAll(), events().Text());
    const Status ended = run_->Stop();
    CHECK_MESSAGE(ended, ToString(ended.error()));
    CHECK(beside_.Number("SELECT count(*) FROM results") == kRecords);
    CHECK(beside_.Number("SELECT count(DISTINCT pos) FROM results") == kRecords);
    CHECK(beside_.Number("SELECT position FROM offsetstore_positions") == kRecords);
  }

  OwnServer server{"postgres"};
  TcpProxy proxy;
  MockCluster cluster;
  std::function<void()> before_commit = [] {};
  std::function<void()> in_handler = [] {};
  std::string after_connect;
  std::string out_of_range = "fail";

 private:
  Result<std::unique_ptr<TransactionalPositions>> Positions(const StoreInfo& store,
                                                            const std::string& group,
                                                            Deadline deadline) {
    results_.Close();
    if (!results_.Connect() || (!after_connect.empty() && !results_.Run(after_connect))) {
      return MakeError(ErrorCode::kUnavailable, results_.error());
    }
    auto positions =
        OpenPostgresTransactional(results_.get(), PostgresOptions(), store, group, deadline);
    if (!positions) return positions;
    return std::unique_ptr<TransactionalPositions>(
        std::make_unique<AtThirdCommit>(*std::move(positions), commits_, before_commit));
  }
  Status Insert(std::span<Record* const> records) {
    if (++batches_ == 3) in_handler();
    for (const Record* record : records) {
      if (!results_.Run("INSERT INTO results VALUES (" + std::to_string(record->offset()) + ')')) {
        return MakeError(ErrorCode::kUnavailable, results_.error());
      }
    }
    return {};
  }

  Database beside_;
  Database results_{WithPort(server.address(), proxy.port())};
  std::atomic<int> commits_ = 0;
  std::atomic<int> batches_ = 0;
  std::optional<ConsumerThread> run_;
};

TEST_CASE("E04 a COMMIT that is lost on its way, or whose answer is, has its effect once") {
  Rig rig;
  TcpProxy::Fault fault = TcpProxy::Fault::kNone;
  SUBCASE("lost on its way") {
    fault = TcpProxy::Fault::kCutRequest;
  }
  SUBCASE("its answer is lost") {
    fault = TcpProxy::Fault::kCutReply;
  }
  SUBCASE("the end of the stream in place of its answer") {
    fault = TcpProxy::Fault::kHalfClose;
  }
  rig.before_commit = [&] { rig.proxy.Set(fault); };
  rig.Start();
  rig.CheckOnce();
  CHECK(rig.events().Count(EventKind::kInDoubt) == 1);
}

TEST_CASE("E04 a COMMIT whose answer is held past its deadline has its effect once") {
  Rig rig;
  rig.before_commit = [&] { rig.proxy.Set(TcpProxy::Fault::kHoldReplies); };
  rig.Start();
  CHECK(rig.events().Wait(EventKind::kInDoubt));
  rig.proxy.Set(TcpProxy::Fault::kNone);
  rig.CheckOnce();
}

TEST_CASE("E04 a COMMIT that arrives late, after its consumer gave it up, has its effect once") {
  Rig rig;
  rig.before_commit = [&] { rig.proxy.Set(TcpProxy::Fault::kHoldRequests); };
  rig.Start();
  CHECK(rig.events().Wait(EventKind::kInDoubt));
  // The claim waits for the transaction, which is open still.
  CHECK(rig.events().Wait(EventKind::kStoreDown));
  rig.proxy.Set(TcpProxy::Fault::kNone);
  CHECK(rig.proxy.ReleaseLate() == 1);
  rig.CheckOnce();
}

TEST_CASE("E05 the database is killed in the middle of a batch, and started again") {
  Rig rig;
  rig.in_handler = [&] {
    rig.server.Kill();
    rig.server.Start();
  };
  rig.Start();
  rig.CheckOnce();
  CHECK(rig.events().Count(EventKind::kRolledBack) >= 1);
}

TEST_CASE("E11 a position beyond the end of the log: from its first record on, every one once") {
  Rig rig;
  const auto store = OpenBeside(rig.server.address());
  REQUIRE(OperatorSet(*store, "g", {"orders", 0}, 10 * kRecords).Ok());
  rig.out_of_range = "earliest";
  rig.Start();
  rig.CheckOnce();
  CHECK(rig.events().Count(EventKind::kOutOfRange) == 1);
  CHECK(rig.events().Count(EventKind::kRolledBack) == 0);
}

TEST_CASE("E08 a killed database that had not written its last transactions takes both back") {
  Rig rig;
  // Acknowledged before it is on the disk: the server may lose the last 200 ms.
  rig.after_connect = "SET synchronous_commit = off";
  rig.in_handler = [&] {
    rig.server.Kill();
    rig.server.Start();
  };
  rig.Start();
  rig.CheckOnce();
}

TEST_CASE("E05 the database is killed before a COMMIT, and started again") {
  Rig rig;
  rig.before_commit = [&] {
    rig.server.Kill();
    rig.server.Start();
  };
  rig.Start();
  rig.CheckOnce();
}

}  // namespace
}  // namespace offsetstore::testing
