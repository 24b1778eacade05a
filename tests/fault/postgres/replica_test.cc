// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Standbys: one that we are connected to, one that a commit waits for, one among several hosts.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "eventually.h"
#include "own_server.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

/// Stops a server and starts it as a standby of nobody.
void MakeStandby(OwnServer& server) {
  server.Stop();
  const std::filesystem::path mark = server.folder() / "data" / "standby.signal";
  std::ofstream(mark) << "";
  std::filesystem::permissions(mark, std::filesystem::perms::all);
  server.Start();
}

TEST_CASE("a standby is read and refuses writes with that reason, until it is promoted") {
  OwnServer server("postgres");
  {
    const auto store = MustOpen(server.address());
    REQUIRE(TestGroup(*store, "g").Commit(Advance(Orders(0), 5)).Ok());
  }
  MakeStandby(server);
  const auto store = MustOpen(server.address());
  CHECK(store->Info().durability_note.find("standby") != std::string::npos);
  const TestGroup group(*store, "g");
  CHECK(group.PositionOf(Orders(0)) == 5);
  CHECK(group.IsListed());
  const Answer refused = group.Commit(Advance(Orders(0), 6));
  CHECK(refused == ErrorCode::kUnavailable);
  REQUIRE(refused.error);
  CHECK(Says(*refused.error, "it is a standby"));
  CHECK(group.Claim(Orders(0)) == ErrorCode::kUnavailable);
  const Error no_tables = OpenError(server.address() + "?table=other");
  CHECK(no_tables.code == ErrorCode::kUnavailable);
  CHECK(Says(no_tables, "it is a standby"));
  PostgresClient(server.address()).Run("SELECT pg_promote()");
  CHECK(group.Commit(Advance(Orders(0), 6)).Ok());
}

TEST_CASE("of several hosts the one that takes writes is found, past dead ones and standbys") {
  const Tables tables;
  OwnServer standby("postgres");
  MakeStandby(standby);
  const std::string uri = "postgresql://offsetstore@127.0.0.1:1,127.0.0.1:" +
                          std::to_string(ServerPort(standby.address())) +
                          ",127.0.0.1:" + std::to_string(ServerPort(tables.server)) +
                          "/offsetstore?table=" + tables.stem;
  const auto store = MustOpen(uri);
  CHECK(TestGroup(*store, "g").Commit(Advance(Orders(0), 5)).Ok());
}

TEST_CASE("a commit that no synchronous standby confirmed is below durability, not acknowledged") {
  const OwnServer server("postgres");
  PostgresClient admin(server.address());
  const auto store = MustOpen(server.address());
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  admin.Run("ALTER SYSTEM SET synchronous_standby_names = '*'");
  admin.Run("SELECT pg_reload_conf()");
  REQUIRE(Eventually([&server] {
    return PostgresClient(server.address()).Ask("SHOW synchronous_standby_names") == "*";
  }));
  const auto commit = [&](const Move& move) {
    const std::vector<Move> moves = {move};
    const auto answers = store->Commit("g", moves, Member(), Atomicity::kEach, In(600ms));
    REQUIRE_MESSAGE(answers, answers.error().message);
    return answers->front();
  };
  // The server takes note of the change at some commit soon after it.
  std::int64_t position = 5;
  Outcome outcome;
  CHECK(Eventually([&] {
    outcome = commit(Advance(Orders(0), ++position, claim));
    return outcome.code != OutcomeCode::kApplied;
  }));
  CHECK(outcome.code == OutcomeCode::kAppliedBelowDurability);
  REQUIRE(outcome.error);
  CHECK(Says(*outcome.error, "synchronous replication"));
  CHECK(group.PositionOf(Orders(0)) == position);
  CHECK(commit(Rewind(Orders(0), 2, claim)).code == OutcomeCode::kAppliedBelowDurability);
  CHECK(commit(Advance(Orders(1), 2, {}, Absent{})).code == OutcomeCode::kAppliedBelowDurability);
  const std::vector<ClaimRequest> requests = {Request(Orders(0), claim)};
  const auto claims = store->Claim("g", requests, Member(), In(600ms));
  REQUIRE(claims);
  CHECK(claims->front().outcome.code == OutcomeCode::kAppliedBelowDurability);
  CHECK(claims->front().outcome.Ok());
  const auto later = MustOpen(server.address());
  CHECK(later->Info().durability == Durability::kReplicaLoss);
}

}  // namespace
}  // namespace offsetstore::testing
