// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that takes connections and answers nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventually.h"
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

constexpr Duration kWait{150};
constexpr Duration kSlack{5'000};

/// Runs `call` with a short deadline; returns its error, and checks that it came in time.
Error InTime(const std::function<Error(Deadline)>& call) {
  const auto start = Deadline::Clock::now();
  Error error = call(Deadline::After(kWait));
  CHECK(Deadline::Clock::now() - start < kWait + kSlack);
  return error;
}

struct FrozenRig {
  OwnServer server{"redis"};
  RedisOptions options = At(PortOf(server.address()));
  std::unique_ptr<OffsetStore> store = MustOpen(options);
  TestGroup group{*store, "payments"};
  TopicPartition at{"orders", 0};
  ClaimToken claim = group.MustClaim(at);

  [[nodiscard]] Error Fetch(Deadline deadline) const {
    const auto reads = store->Fetch(group.name(), Selection{{at}, {}}, deadline);
    return reads ? Error{} : reads.error();
  }
  [[nodiscard]] Error List(Deadline deadline) const {
    const auto page = store->ListGroups({}, deadline);
    return page ? Error{} : page.error();
  }
  [[nodiscard]] Error Commit(Deadline deadline) const {
    const std::vector<Move> moves = {Advance(at, 7, claim)};
    const auto answers = store->Commit(group.name(), moves, Member(), Atomicity::kAll, deadline);
    if (!answers) return answers.error();
    return answers->front().error.value_or(Error{});
  }
};

TEST_CASE("every call on a frozen server ends at its deadline") {
  const FrozenRig rig;
  REQUIRE(rig.group.Commit(Advance(rig.at, 5, rig.claim)).Ok());
  {
    const Frozen frozen(rig.server.pid());
    CHECK(InTime([&](Deadline d) { return rig.Commit(d); }).code == ErrorCode::kInDoubt);
    // That connection is dropped. The next ones get no further than the server's backlog.
    for (int i = 0; i < 3; ++i) {
      CHECK(InTime([&](Deadline d) { return rig.Fetch(d); }).code == ErrorCode::kDeadlineExceeded);
      CHECK(InTime([&](Deadline d) { return rig.List(d); }).code == ErrorCode::kDeadlineExceeded);
      CHECK(InTime([&](Deadline d) { return rig.Commit(d); }).code == ErrorCode::kDeadlineExceeded);
    }
    CHECK(OpenError(rig.options, kWait).code == ErrorCode::kDeadlineExceeded);
  }
  CHECK(rig.group.Commit(Advance(rig.at, 8, rig.claim)).Ok());
}

TEST_CASE("a deadline holds after a reconnect too") {
  const FrozenRig rig;
  for (int i = 0; i < 3; ++i) {
    RedisClient(PortOf(rig.server.address())).Do({"CLIENT", "KILL", "TYPE", "normal"});
    REQUIRE(Eventually([&] { return rig.group.Commit(Advance(rig.at, 10 + i, rig.claim)).Ok(); }));
    const Frozen frozen(rig.server.pid());
    CHECK(InTime([&](Deadline d) { return rig.Commit(d); }).code == ErrorCode::kInDoubt);
  }
}

TEST_CASE("a busy pool of connections ends a call at its deadline") {
  const FrozenRig rig;
  RedisOptions one = rig.options;
  one.connections = 1;
  const auto store = MustOpen(one);
  const Frozen frozen(rig.server.pid());
  auto holder = std::async(std::launch::async, [&] {
    return store->ListGroups({}, Deadline::After(Duration(1500))).has_value();
  });
  const auto waits = [&](Deadline deadline) {
    const auto page = store->ListGroups({}, deadline);
    return page ? Error{} : page.error();
  };
  CHECK(Eventually([&] {
    const Error error = InTime(waits);
    return error.code == ErrorCode::kDeadlineExceeded && Has(error.message, "connections=");
  }));
  CHECK_FALSE(holder.get());
}

}  // namespace
}  // namespace offsetstore::testing
