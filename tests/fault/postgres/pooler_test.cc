// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Behind a pgbouncer in transaction mode, where a session of the server belongs to nobody.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "in_threads.h"
#include "own_server.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

struct Pooled {
  Tables tables;
  OwnServer pooler{"pgbouncer"};
  std::string uri = pooler.address() + "?table=" + tables.stem;
};

TEST_CASE("every call works behind a pooler, from many threads, whatever prepare= says") {
  const Pooled pooled;
  for (const std::string prepare : {"auto", "never"}) {
    CAPTURE(prepare);
    const auto store = MustOpen(pooled.uri + "&pool=6&prepare=" + prepare);
    std::atomic<int> failed{0};
    InThreads(6, [&](int i) {
      const TestGroup group(*store, prepare + std::to_string(i));
      const ClaimToken claim = group.MustClaim(Orders(0));
      for (int position = 1; position <= 20; ++position) {
        if (!group.Commit(Advance(Orders(0), position, claim)).Ok()) ++failed;
        if (group.PositionOf(Orders(0)) != position) ++failed;
      }
      if (!group.Release(Orders(0), claim).Ok()) ++failed;
      if (!group.Remove(Orders(0)).Ok()) ++failed;
    });
    CHECK(failed == 0);
  }
}

TEST_CASE("nothing of a call stays in a pooler's sessions") {
  const Pooled pooled;
  PostgresClient client(pooled.pooler.address());
  const std::string settings =
      "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') ||"
      " ' ' || current_setting('idle_in_transaction_session_timeout') || ' ' ||"
      " (SELECT count(*) FROM pg_prepared_statements)";
  const std::string before = client.Ask(settings);
  const auto store = MustOpen(pooled.uri);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  for (int position = 1; position <= 20; ++position) {
    CHECK(group.Commit(Advance(Orders(0), position, claim)).Ok());
    CHECK(client.Ask(settings) == before);
  }
}

TEST_CASE("a deadline holds behind a pooler, and the next call works") {
  const Pooled pooled;
  const auto store = MustOpen(pooled.uri);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  PostgresClient blocker(pooled.tables.server);
  blocker.Run("BEGIN");
  blocker.Run("SELECT 1 FROM " + pooled.tables.positions() + " FOR UPDATE");
  const std::vector<Move> moves = {Advance(Orders(0), 5, claim)};
  const auto answers = store->Commit("g", moves, Member(), Atomicity::kEach, In(400ms));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == ErrorCode::kDeadlineExceeded);
  blocker.Run("ROLLBACK");
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
}

TEST_CASE("a pooler that is gone is unavailable, and found again") {
  Pooled pooled;
  const auto store = MustOpen(pooled.uri);
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  pooled.pooler.Kill();
  // Whether the connection's end was seen before the commit was sent is a matter of moments.
  const Answer away = group.Commit(Advance(Orders(0), 5, claim));
  const bool told = away == ErrorCode::kUnavailable || away == ErrorCode::kInDoubt;
  CHECK_MESSAGE(told, Describe(away));
  CHECK(group.Commit(Advance(Orders(0), 5, claim)) == ErrorCode::kUnavailable);
  pooled.pooler.Start();
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
}

}  // namespace
}  // namespace offsetstore::testing
