// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that is killed, frozen, gone; sessions that expire.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "eventually.h"
#include "in_threads.h"
#include "lockstep_worker.h"
#include "own_server.h"
#include "settings.h"
#include "tcp_proxy.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

constexpr Duration kBrief{300};
/// For a busy machine: a call that ignored its deadline would not come back at all.
constexpr std::chrono::seconds kSlack{10};

ClaimResult ClaimIn(OffsetStore& store, const ClaimRequest& request, Duration bound) {
  const std::vector<ClaimRequest> requests = {request};
  auto answers = store.Claim("g", requests, Member(), Deadline::After(bound));
  ClaimResult result;
  if (answers) {
    static_cast<ClaimAnswer&>(result) = answers->front();
  } else {
    result.outcome.error = answers.error();
  }
  return result;
}

}  // namespace

TEST_CASE("G13 a server killed in the middle of commits has every acknowledged one") {
  OwnServer server("zookeeper");
  const OwnTree tree(server.address());
  CheckServerKills(server, Long() ? 20 : 3, [&] { return MustOpen(tree.uri); });
}

TEST_CASE(
    "sessions that expire under load are replaced, with their credentials, and nothing is lost") {
  OwnTree tree;
  TcpProxy proxy(PortOf(tree.server));
  const LockstepWorker worker(
      MustOpen("zookeeper://app:pw@127.0.0.1:" + std::to_string(proxy.port()) + tree.chroot +
               "?session-timeout=400ms&acl=creator-all"));
  for (int i = 0; i < 3; ++i) {
    const std::int64_t said = worker.acknowledged();
    REQUIRE(Eventually([&] { return worker.acknowledged() > said + 20; }, kRecovery));
    // The node of a session that began before and may be silent for longer: where it is gone, so is
    // the worker's session.
    const std::string node = tree.chroot + "/probe-" + std::to_string(i);
    const ZooKeeperClient probe("zookeeper://127.0.0.1:" + std::to_string(proxy.port()), "", 1000);
    probe.Create(node, "", ZOO_EPHEMERAL);
    const int settled = worker.settled();
    proxy.Set(TcpProxy::Fault::kHoldRequests);
    CHECK(Eventually([&] { return !tree.client.Get(node).has_value(); }, kRecovery));
    CHECK(Eventually([&] { return worker.settled() > settled; }, kRecovery));
    proxy.Set(TcpProxy::Fault::kNone);
    const std::int64_t after = worker.acknowledged();
    CHECK(Eventually([&] { return worker.acknowledged() > after + 20; }, kRecovery));
  }
  CHECK(worker.wrong() == 0);
}

TEST_CASE("a frozen server: every call, and the close, end by their deadline") {
  const OwnServer server("zookeeper");
  const OwnTree tree(server.address());
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  auto store = MustOpen(tree.uri);
  server.Freeze();
  const auto start = Deadline::Clock::now();
  const auto reads = store->Fetch("g", {}, Deadline::After(kBrief));
  CHECK_FALSE(reads.has_value());
  CHECK(ClaimIn(*store, Request(Orders(0)), kBrief) == ErrorCode::kDeadlineExceeded);
  const std::vector<Move> moves = {Advance(Orders(0), 6)};
  const auto answers =
      tree.store->Commit("g", moves, Member(), Atomicity::kEach, Deadline::After(kBrief));
  REQUIRE(answers.has_value());
  CHECK(answers->front().error->code == ErrorCode::kInDoubt);
  CHECK(OpenError(tree.uri, Deadline::After(kBrief)).code == ErrorCode::kUnavailable);
  static_cast<void>(store->Close(Deadline::After(kBrief)));
  store.reset();
  CHECK(Deadline::Clock::now() - start < kSlack);
  server.Thaw();
  CHECK(tree.Group().Commit(Advance(Orders(0), 7)).Ok());
}

TEST_CASE("a server that is gone: calls and close end, and nothing was applied") {
  OwnServer server("zookeeper");
  const OwnTree tree(server.address());
  REQUIRE(tree.Group().Commit(Advance(Orders(0), 5)).Ok());
  auto store = MustOpen(tree.uri);
  server.Kill();
  const auto start = Deadline::Clock::now();
  const auto call = [&] { return store->Fetch("g", {}, Deadline::After(kBrief)); };
  CHECK(Eventually([&] { return !call() && call().error().code == ErrorCode::kUnavailable; }));
  CHECK(store->Close(Deadline::After(std::chrono::seconds(5))));
  store.reset();
  { const auto other = OpenError(tree.uri, Deadline::After(kBrief)); }
  CHECK(Deadline::Clock::now() - start < kSlack);
  server.Start();
  CHECK(tree.Group().PositionOf(Orders(0)) == 5);
}

TEST_CASE("commits of many threads through one store survive a close by another one") {
  const OwnTree tree;
  const auto other = MustOpen(tree.uri);
  std::atomic<int> failed = 0;
  auto committing = std::async(std::launch::async, [&] {
    InThreads(4, [&](int partition) {
      for (int to = 1; to <= 50; ++to) {
        if (!tree.Group().Commit(Advance(Orders(partition), to)).Ok()) ++failed;
      }
    });
  });
  CHECK(other->Close(Soon()));
  committing.get();
  CHECK(failed == 0);
}

}  // namespace offsetstore::testing
