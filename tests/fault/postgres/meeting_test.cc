// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Several that meet: at the making of tables, at the same rows, in a deadlock, at a small pool.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventually.h"
#include "in_threads.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("several that open a new store at once make one") {
  const Tables tables;
  constexpr int kOpeners = 8;
  std::vector<std::string> ids(kOpeners);
  InThreads(kOpeners, [&](int i) {
    const auto store = TryOpen(tables.uri());
    ids[static_cast<std::size_t>(i)] = store ? (*store)->Info().store_id : ToString(store.error());
  });
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  CHECK(ids.front().size() == 32);
}

TEST_CASE("a deadlock with another program is redone, and the commit arrives") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "g");
  const ClaimToken first = group.MustClaim(Orders(0));
  const ClaimToken second = group.MustClaim(Orders(1));
  const std::string lock = "SELECT 1 FROM " + tables.positions() + " WHERE part = ";
  PostgresClient other(tables.server);
  PostgresClient watcher(tables.server);
  // Our transaction is to be the one that is given up: the other never looks for deadlocks.
  other.Run("SET deadlock_timeout = '60s'");
  other.Run("BEGIN");
  other.Run(lock + "1 FOR UPDATE");
  auto committing = std::async(std::launch::async, [&] {
    const std::vector<Move> moves = {Advance(Orders(0), 5, first), Advance(Orders(1), 5, second)};
    return group.CommitAll(moves);
  });
  CHECK(Eventually([&] {
    return watcher.Ask(
               "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
               " AND query LIKE '%" +
               tables.stem + "%'") == "1";
  }));
  other.Run(lock + "0 FOR UPDATE");
  other.Run("ROLLBACK");
  const std::vector<Answer> answers = committing.get();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0] == OutcomeCode::kApplied);
  CHECK(answers[1] == OutcomeCode::kApplied);
  CHECK(watcher.Ask("SELECT deadlocks > 0 FROM pg_stat_database"
                    " WHERE datname = current_database()") == "t");
}

/// How many the server has seen. A session tells them when it ends, before it goes from the list.
std::string Deadlocks(PostgresClient& client) {
  REQUIRE(Eventually([&] {
    return client.Ask(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
               "backend_type = 'client backend' AND pid <> pg_backend_pid()") == "0";
  }));
  return client.Ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

TEST_CASE("threads that claim and commit the same partitions in any order never deadlock") {
  const Tables tables;
  PostgresClient client(tables.server);
  const std::string before = Deadlocks(client);
  auto store = MustOpen(tables.uri() + "&pool=6");
  std::atomic<int> failed{0};
  InThreads(6, [&](int i) {
    const TestGroup group(*store, "g");
    std::vector<TopicPartition> mine = PartitionsOf("orders", 40);
    std::rotate(mine.begin(), mine.begin() + 6 * i, mine.end());
    for (int round = 1; round <= 10; ++round) {
      std::vector<ClaimRequest> requests;
      for (const TopicPartition& at : mine) requests.push_back(Request(at));
      std::vector<Move> moves;
      for (const ClaimResult& claim : group.ClaimAll(requests)) {
        if (!(claim == OutcomeCode::kApplied)) ++failed;
        moves.push_back(Advance(claim.outcome.at, round, claim.token));
      }
      for (const Answer& answer : group.CommitAll(moves)) {
        if (answer.code == OutcomeCode::kFailed) ++failed;
      }
    }
  });
  CHECK(failed == 0);
  store.reset();
  CHECK(Deadlocks(client) == before);
}

TEST_CASE("calls take turns at a pool of one, and a call that gets none says so in time") {
  const Tables tables;
  const auto store = MustOpen(tables.uri() + "&pool=1");
  std::atomic<int> applied{0};
  InThreads(6, [&](int i) {
    const TestGroup group(*store, "g" + std::to_string(i));
    for (int position = 1; position <= 10; ++position) {
      if (group.Commit(Advance(Orders(0), position)).Ok()) ++applied;
    }
  });
  CHECK(applied == 60);
  CHECK(PostgresClient(tables.server)
            .Ask("SELECT count(*) <= 1 FROM pg_stat_activity"
                 " WHERE application_name = 'offsetstore' AND query LIKE '%" +
                 tables.stem + "%'") == "t");
  PostgresClient blocker(tables.server);
  blocker.Run("BEGIN");
  blocker.Run("LOCK TABLE " + tables.positions() + " IN ACCESS EXCLUSIVE MODE");
  auto waiting =
      std::async(std::launch::async, [&] { return store->Fetch("g0", Selection{}, In(20s)); });
  CHECK(Eventually([&] {
    return blocker.Ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '" +
                       tables.positions() + "'::regclass") == "1";
  }));
  const auto late = store->Fetch("g0", Selection{}, In(200ms));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(Says(late.error(), "pool="));
  blocker.Run("ROLLBACK");
  CHECK(waiting.get());
}

TEST_CASE("a commit that waits for a lock longer than its deadline is surely not applied") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  PostgresClient blocker(tables.server);
  blocker.Run("BEGIN");
  blocker.Run("SELECT 1 FROM " + tables.positions() + " FOR UPDATE");
  const std::vector<Move> moves = {Advance(Orders(0), 5, claim)};
  const auto answers = store->Commit("g", moves, Member(), Atomicity::kEach, In(400ms));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::kDeadlineExceeded);
  blocker.Run("ROLLBACK");
  CHECK_FALSE(group.PositionOf(Orders(0)));
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
}

TEST_CASE("prepared statements that are gone cost no call an answer") {
  const Tables tables;
  const auto store = MustOpen(tables.uri() + "&pool=1");
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  const std::string function = tables.stem + "_forget";
  PostgresClient client(tables.server);
  client.Run("CREATE FUNCTION " + function +
             "() RETURNS trigger LANGUAGE plpgsql AS"
             " $$ BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN NEW; END $$");
  client.Run("CREATE TRIGGER forget AFTER UPDATE ON " + tables.positions() +
             " FOR EACH ROW EXECUTE FUNCTION " + function + "()");
  for (int position = 1; position <= 3; ++position) {
    CHECK(group.Commit(Advance(Orders(0), position, claim)).Ok());
    CHECK(group.PositionOf(Orders(0)) == position);
  }
  DropTables(tables.server, tables.stem);
  client.Run("DROP FUNCTION " + function);
}

TEST_CASE("the child of a fork is refused, and the parent goes on") {
  const Tables tables;
  const auto store = MustOpen(tables.uri());
  const TestGroup group(*store, "g");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto read = store->Fetch("g", Selection{}, Soon());
    ::_exit(!read && read.error().code == ErrorCode::kUnsupported ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(group.Commit(Advance(Orders(0), 5)).Ok());
}

TEST_CASE("no call leaves a setting, a transaction or a lock in its session") {
  const Tables tables;
  const auto store = MustOpen(tables.uri() + "&pool=1&prepare=never");
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
  CHECK(group.Commit(Advance(Orders(0), 4, claim)) == OutcomeCode::kConflict);
  CHECK(group.PositionOf(Orders(0)) == 5);
  PostgresClient client(tables.server);
  CHECK(client
            .Ask("SELECT string_agg(state, ' ') FROM pg_stat_activity"
                 " WHERE application_name = 'offsetstore'")
            .find("transaction") == std::string::npos);
}

}  // namespace
}  // namespace offsetstore::testing
