// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that is killed, frozen, gone; sessions that expire.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "eventually.h"
#include "own_server.h"
#include "settings.h"
#include "tcp_proxy.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 3;
/// From the moment the server is up again.
constexpr std::chrono::seconds kRecovery{20};
constexpr Duration kShort{300};
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

/// Claims three partitions and moves them together, one by one record, settling what is in doubt as
/// the session does.
class Worker {
 public:
  explicit Worker(const std::string& uri) : store_(MustOpen(uri)), thread_([this] { Run(); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    ending_ = true;
    thread_.join();
  }

  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] int wrong() const { return wrong_; }
  [[nodiscard]] int settled() const { return settled_; }

 private:
  void Run() {
    std::vector<Move> moves;
    for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
      moves.push_back(Advance(at, 0, group_.MustClaim(at)));
    }
    while (!ending_) {
      for (Move& move : moves) move.to = Position(acknowledged_ + 1);
      const auto answers =
          store_->Commit("g", moves, Member(), Atomicity::kAll, Deadline::After(Duration(2000)));
      if (answers && answers->front().Ok()) {
        ++acknowledged_;
      } else if (answers && answers->front().error &&
                 answers->front().error->code == ErrorCode::kInDoubt) {
        ++settled_;
        Settle(moves);
      }
    }
  }

  /// A claim on the own claim of each; all tell the same position, none below what was said.
  void Settle(std::vector<Move>& moves) {
    for (Move& move : moves) {
      ClaimRequest request = Request(move.at, *move.claim);
      std::vector<Nonce> mine;
      ClaimResult result;
      while (!ending_ && !result.outcome.Ok()) {
        mine.push_back(request.nonce);
        result = ClaimIn(*store_, request, Duration(2000));
        if (result != OutcomeCode::kFenced) continue;
        // In doubt itself, and made: it is known by its nonce.
        const ClaimToken holder = result.outcome.holder->token;
        if (std::find(mine.begin(), mine.end(), holder.nonce) == mine.end()) {
          ++wrong_;
          return;
        }
        request = Request(move.at, holder);
      }
      if (!result.outcome.Ok()) return;
      move.claim = result.token;
      Compare(PositionIn(result.slot).value_or(0));
    }
  }

  void Compare(std::int64_t stored) {
    if (stored != acknowledged_ && stored != acknowledged_ + 1) ++wrong_;
    acknowledged_ = std::max(acknowledged_.load(), stored);
  }

  std::unique_ptr<OffsetStore> store_;
  TestGroup group_{*store_, "g"};
  std::atomic<std::int64_t> acknowledged_ = 0;
  std::atomic<int> wrong_ = 0;
  std::atomic<int> settled_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

void CheckKills(int kills) {
  OwnServer server("zookeeper");
  const OwnTree tree(server.address());
  const Worker worker(tree.uri);
  std::mt19937 random = SeededRandom();
  for (int i = 0; i < kills; ++i) {
    const std::int64_t target =
        worker.acknowledged() + std::uniform_int_distribution(1, 200)(random);
    REQUIRE(Eventually([&] { return worker.acknowledged() >= target; }, kRecovery));
    server.Kill();
    const std::int64_t said = worker.acknowledged();
    server.Start();
    const auto store = MustOpen(tree.uri);
    const TestGroup group(*store, "g");
    for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
      CHECK(group.PositionOf(at).value_or(0) >= said);
    }
    CHECK(Eventually([&] { return worker.acknowledged() > said; }, kRecovery));
  }
  CHECK(worker.wrong() == 0);
}

}  // namespace

TEST_CASE("G13 a server killed in the middle of commits has every acknowledged one") {
  CheckKills(Long() ? 20 : 3);
}

TEST_CASE(
    "sessions that expire under load are replaced, with their credentials, and nothing is lost") {
  OwnTree tree;
  TcpProxy proxy(PortOf(tree.server));
  const Worker worker("zookeeper://app:pw@127.0.0.1:" + std::to_string(proxy.port()) + tree.chroot +
                      "?session-timeout=400ms&acl=creator-all");
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
  const auto reads = store->Fetch("g", {}, Deadline::After(kShort));
  CHECK_FALSE(reads.has_value());
  CHECK(ClaimIn(*store, Request(Orders(0)), kShort) == ErrorCode::kDeadlineExceeded);
  const std::vector<Move> moves = {Advance(Orders(0), 6)};
  const auto answers =
      tree.store->Commit("g", moves, Member(), Atomicity::kEach, Deadline::After(kShort));
  REQUIRE(answers.has_value());
  CHECK(answers->front().error->code == ErrorCode::kInDoubt);
  CHECK(OpenError(tree.uri, Deadline::After(kShort)).code == ErrorCode::kUnavailable);
  static_cast<void>(store->Close(Deadline::After(kShort)));
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
  const auto call = [&] { return store->Fetch("g", {}, Deadline::After(kShort)); };
  CHECK(Eventually([&] { return !call() && call().error().code == ErrorCode::kUnavailable; }));
  CHECK(store->Close(Deadline::After(std::chrono::seconds(5))));
  store.reset();
  { const auto other = OpenError(tree.uri, Deadline::After(kShort)); }
  CHECK(Deadline::Clock::now() - start < kSlack);
  server.Start();
  CHECK(tree.Group().PositionOf(Orders(0)) == 5);
}

TEST_CASE("commits of many threads through one store survive a close by another one") {
  const OwnTree tree;
  const auto other = MustOpen(tree.uri);
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int partition = 0; partition < 4; ++partition) {
    threads.emplace_back([&, partition] {
      for (int to = 1; to <= 50; ++to) {
        if (!tree.Group().Commit(Advance(Orders(partition), to)).Ok()) ++failed;
      }
    });
  }
  CHECK(other->Close(Soon()));
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
}

}  // namespace offsetstore::testing
