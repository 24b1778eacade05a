// Payments between accounts, exactly once: payments APP.PROPERTIES CONNINFO
//
// A record's value is `FROM TO CENTS`. Balances and positions are in one PostgreSQL database and
// change in one transaction, so that the sum of all balances stays what it was, whatever dies.
#include <libpq-fe.h>

#include <array>
#include <csignal>
#include <iostream>
#include <sstream>
#include <thread>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/consumer.h"

using namespace offsetstore;

namespace {

/// The connection of the results.
class Bank {
 public:
  explicit Bank(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  Bank(const Bank&) = delete;
  Bank& operator=(const Bank&) = delete;
  ~Bank() { PQfinish(connection_); }

  Result<std::unique_ptr<TransactionalPositions>> Positions(const StoreInfo& store,
                                                            const std::string& group,
                                                            Deadline by) {
    // Called at the start and after a batch that failed, for whatever reason: a new connection is
    // surely in order, and the end of the old one is the end of its transaction.
    PQfinish(connection_);
    connection_ = PQconnectdb(conninfo_.c_str());
    if (PQstatus(connection_) != CONNECTION_OK) {
      return MakeError(ErrorCode::kUnavailable, PQerrorMessage(connection_));
    }
    return OpenPostgresTransactional(connection_, PostgresOptions(), store, group, by);
  }

  Status Add(const std::string& account, const std::string& cents) {
    const std::array<const char*, 2> values = {account.c_str(), cents.c_str()};
    PGresult* done = PQexecParams(connection_,
                                  "INSERT INTO accounts AS a VALUES ($1, $2) ON CONFLICT (name) "
                                  "DO UPDATE SET cents = a.cents + excluded.cents",
                                  2,
                                  nullptr,
                                  values.data(),
                                  nullptr,
                                  nullptr,
                                  0);
    const bool ok = PQresultStatus(done) == PGRES_COMMAND_OK;
    PQclear(done);
    return ok ? Status() : MakeError(ErrorCode::kUnavailable, PQerrorMessage(connection_));
  }

 private:
  const std::string conninfo_;
  PGconn* connection_ = nullptr;
};

Status Pay(Bank& bank, std::span<Record* const> records) {
  for (const Record* record : records) {
    std::istringstream payment{std::string(record->value().value_or(""))};
    std::string from;
    std::string to;
    std::int64_t cents = 0;
    // What is no payment is left out: no balance depends on it.
    if (!(payment >> from >> to >> cents)) continue;
    for (const auto& [account, change] : {std::pair(from, -cents), std::pair(to, cents)}) {
      if (Status added = bank.Add(account, std::to_string(change)); !added) return added;
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "payments APP.PROPERTIES CONNINFO\n", 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([&, got = 0]() mutable { sigwait(&signals, &got), stop.request_stop(); }).detach();

  auto consumer = Consumer::Open(argv[1]);
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  Bank bank(argv[2]);
  const Status ended = (*consumer)->RunTransactions(
      [&](const StoreInfo& store, const std::string& group, Deadline by) {
        return bank.Positions(store, group, by);
      },
      [&](std::span<Record* const> records) { return Pay(bank, records); },
      stop.get_token());
  if (!ended) std::cerr << ToString(ended.error()) << "\n";
  return ended ? 0 : 1;
}
