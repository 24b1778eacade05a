// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

struct Closer {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};

}  // namespace

std::string AskSqlite(const std::string& database, const std::string& sql) {
  constexpr int kBusyMs = 20000;
  sqlite3* raw = nullptr;
  if (sqlite3_open(database.c_str(), &raw) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
  const std::unique_ptr<sqlite3, Closer> db(raw);
  sqlite3_busy_timeout(raw, kBusyMs);
  std::string first;
  const auto take = [](void* out, int columns, char** values, char** /*names*/) {
    auto& text = *static_cast<std::string*>(out);
    if (columns > 0 && values[0] != nullptr && text.empty()) text = values[0];
    return 0;
  };
  if (sqlite3_exec(raw, sql.c_str(), take, &first, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(raw));
  }
  return first;
}

Into::Into(const MockCluster& cluster, const std::string& assign, const std::string& more) {
  WriteFile(
      config,
      "bootstrap.servers=" + cluster.brokers() + "\ngroup.id=g\nassign=" + assign + "\n" + more);
}

Words Into::With(const Words& arguments) const {
  Words words = {"consume", "--config", config, "--into", uri};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

Ran Into::Refused(const Words& arguments, int code) const {
  Ran ran = Offsetctl(With(arguments));
  INFO(ran.err);
  CHECK(ran.code == code);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.out.empty());
  return ran;
}

std::string Into::Ask(const std::string& sql) const {
  if (!std::filesystem::exists(database)) return {};
  return AskSqlite(database, sql);
}

void Into::Run(const std::string& sql) const {
  AskSqlite(database, sql);
}

bool Into::HasEachOnce(std::uint64_t records) const {
  const std::string all = std::to_string(records);
  return Ask("SELECT count(*) FROM t") == all &&
         Ask("SELECT count(*) FROM (SELECT DISTINCT topic, partition, \"offset\" FROM t)") == all &&
         Ask("SELECT count(*) FROM (SELECT DISTINCT value FROM t)") == all &&
         Ask("SELECT sum(position) FROM offsetstore_positions") == all;
}

}  // namespace offsetstore::testing
