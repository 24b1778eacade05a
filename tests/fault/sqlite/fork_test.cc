// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sys/wait.h>

#include <string>

#include "forked.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("after fork every call fails in the child, and the parent's store lives on") {
  const TempDir folder;
  auto store = MustOpen(At(folder / "offsets.db"));
  const TestGroup group(*store, "g");
  const ClaimToken token = group.MustClaim(Orders(0));
  REQUIRE(group.Commit(Advance(Orders(0), 1, token)) == OutcomeCode::kApplied);
  {
    Forked child([&store, &token, &folder](const Forked::Send& send) {
      const Move move = Advance(Orders(0), 2, token);
      const auto committed =
          store->Commit("g", std::span(&move, 1), Member(), Atomicity::kEach, Soon());
      send(committed ? "committed" : ToString(committed.error()));
      const auto read = store->Fetch("g", {}, Soon());
      send(read ? "read" : ToString(read.error()));
      const auto closed = store->Close(Soon());
      send(closed ? "closed" : ToString(closed.error()));
      const auto again = TryOpen(At(folder / "offsets.db"));
      send(again ? "opened" : ToString(again.error()));
      store.reset();  // must not touch the parent's log
      send("destroyed");
    });
    for (int i = 0; i < 4; ++i) {
      const std::string said = child.Receive().value_or("");
      CHECK_MESSAGE(said.find("fork()") != std::string::npos, said);
    }
    CHECK(child.Receive() == "destroyed");
    CHECK(WEXITSTATUS(child.Join()) == 0);
  }
  CHECK(group.Commit(Advance(Orders(0), 3, token)) == OutcomeCode::kApplied);
  const auto second = MustOpen(At(folder / "offsets.db"));
  CHECK(TestGroup(*second, "g").PositionOf(Orders(0)) == 3);
}

TEST_CASE("after fork the child may open what the parent had closed") {
  const TempDir folder;
  MustOpen(At(folder / "offsets.db"));
  Forked child([&folder](const Forked::Send& send) {
    const auto store = MustOpen(At(folder / "offsets.db"));
    send(TestGroup(*store, "g").Commit(Advance(Orders(0), 1)).Ok() ? "committed" : "refused");
  });
  CHECK(child.Receive() == "committed");
}

}  // namespace
}  // namespace offsetstore::testing
