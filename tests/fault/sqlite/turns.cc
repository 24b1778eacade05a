// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "turns.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sqlite_support.h"

namespace offsetstore::testing {

Turns::Turns(const std::filesystem::path& path) : path_(path) {
  // The trigger makes a transaction last some milliseconds: longer than anybody sleeps who waits.
  Connect(path).exec(
      "CREATE TABLE turns (id INTEGER PRIMARY KEY AUTOINCREMENT, who INTEGER, spent INTEGER);"
      "CREATE TABLE spend AS WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n"
      " WHERE x < 300) SELECT x FROM n;"
      "CREATE TRIGGER moved AFTER UPDATE ON offsetstore_positions"
      " BEGIN INSERT INTO turns (who, spent) SELECT new.part, count(a.x + b.x)"
      " FROM spend a, spend b; END;");
}

bool Turns::Contend(OffsetStore& store, std::int32_t number) {
  const TestGroup group(store, "billing");
  const TopicPartition at{"orders", number};
  const ClaimToken token = group.MustClaim(at);
  std::int64_t to = 1;
  while (to <= kEach && group.Commit(Advance(at, to, token)).Ok()) ++to;
  return to > kEach;
}

int Turns::Changes(int contenders) const {
  SQLite::Database db = Connect(path_);
  SQLite::Statement query(db, "SELECT who FROM turns ORDER BY id");
  std::vector<int> all;
  while (query.executeStep()) all.push_back(query.getColumn(0).getInt());

  std::map<int, std::int64_t> made;
  const auto has_ended = [&made](int who) { return ++made[who] == kEach; };
  const auto end = std::find_if(all.begin(), all.end(), has_ended);
  std::set<int> seen;
  const auto begin = std::find_if(all.begin(), end, [&](int who) {
    seen.insert(who);
    return seen.size() == static_cast<std::size_t>(contenders);
  });
  if (begin == end) return 0;
  int changes = 0;
  for (auto one = begin; one != end; ++one) changes += *one != *std::next(one) ? 1 : 0;
  return static_cast<int>(100 * changes / (end - begin));
}

}  // namespace offsetstore::testing
