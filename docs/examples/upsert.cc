// At least once, and every effect once all the same: upsert APP.PROPERTIES RESULTS.DB
//
// For results that live elsewhere than the positions: a record that comes again finds its own key,
// which is topic, partition and offset, and changes nothing.
#include <sqlite3.h>

#include <csignal>
#include <iostream>
#include <thread>

#include "offsetstore/consumer.h"

using namespace offsetstore;

namespace {

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS results (topic TEXT, part INTEGER, pos INTEGER, value TEXT,"
    " PRIMARY KEY (topic, part, pos)) WITHOUT ROWID";
constexpr const char* kUpsert = "INSERT INTO results VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";

Status Store(sqlite3* db, sqlite3_stmt* upsert, const Record& record) {
  const std::string_view topic = record.topic();
  const std::string_view value = record.value().value_or("");
  sqlite3_bind_text(upsert, 1, topic.data(), static_cast<int>(topic.size()), nullptr);
  sqlite3_bind_int(upsert, 2, record.partition());
  sqlite3_bind_int64(upsert, 3, record.offset());
  sqlite3_bind_text(upsert, 4, value.data(), static_cast<int>(value.size()), nullptr);
  sqlite3_step(upsert);
  if (sqlite3_reset(upsert) == SQLITE_OK) return {};
  return MakeError(ErrorCode::kUnavailable, sqlite3_errmsg(db));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "upsert APP.PROPERTIES RESULTS.DB\n", 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([&, got = 0]() mutable { sigwait(&signals, &got), stop.request_stop(); }).detach();

  sqlite3* db = nullptr;
  sqlite3_stmt* upsert = nullptr;
  if (sqlite3_open(argv[2], &db) != SQLITE_OK || sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
      sqlite3_exec(db, kTable, nullptr, nullptr, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(db, kUpsert, -1, &upsert, nullptr) != SQLITE_OK) {
    return std::cerr << argv[2] << ": " << sqlite3_errmsg(db) << "\n", 1;
  }
  auto consumer = Consumer::Open(argv[1]);
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  const Status ended = (*consumer)->Run(
      [&](const Record& record) { return Store(db, upsert, record); }, stop.get_token());
  if (!ended) std::cerr << ToString(ended.error()) << "\n";
  sqlite3_finalize(upsert);
  sqlite3_close(db);
  return ended ? 0 : 1;
}
