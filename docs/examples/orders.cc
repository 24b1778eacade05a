#include <sqlite3.h>

#include <iostream>

#include "offsetstore/backends/sqlite.h"
#include "offsetstore/consumer.h"
using namespace offsetstore;

int main(int /*argc*/, char** argv) {  // app.properties /var/lib/shop/shop.db
  sqlite3* db = nullptr;
  if (sqlite3_open(argv[2], &db) != 0 || sqlite3_busy_timeout(db, 5000) != 0) return 1;
  auto consumer = Consumer::Open(argv[1]);
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  const auto positions = [db](const StoreInfo& store, const std::string& group, Deadline by) {
    return OpenSqliteTransactional(db, store, group, by);
  };
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO orders VALUES (?)", -1, &insert, nullptr);
  const auto work = [=](std::span<Record* const> records) -> Status {
    for (const Record* record : records) {
      const std::string_view order = record->value().value_or("");
      sqlite3_bind_text(insert, 1, order.data(), static_cast<int>(order.size()), nullptr);
      if (sqlite3_step(insert), sqlite3_reset(insert) != SQLITE_OK)
        return MakeError(ErrorCode::kUnavailable, sqlite3_errmsg(db));  // rolled back, come again
    }
    return {};  // now their positions move, in the same transaction
  };
  const Status ended = (*consumer)->RunTransactions(positions, work, {});
  return std::cerr << (ended ? "" : ToString(ended.error()) + "\n"), ended ? 0 : 1;
}
