// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that is killed in the middle of commits and started again.
#include <doctest/doctest.h>

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
#include "offsetstore/testing/test_group.h"
#include "own_server.h"
#include "redis_support.h"
#include "settings.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

constexpr int kPartitions = 3;
/// From the moment the server is up again.
constexpr std::chrono::seconds kRecovery{10};

/// Claims three partitions and moves them together, one by one record, settling what is in doubt as
/// the session does.
class Writer {
 public:
  explicit Writer(const RedisOptions& options)
      : store_(MustOpen(options)), thread_([this] { Run(); }) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    ending_ = true;
    thread_.join();
  }

  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] int wrong() const { return wrong_; }

 private:
  void Run() {
    std::vector<Move> moves;
    for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
      moves.push_back(Advance(at, 0, group_.MustClaim(at)));
    }
    while (!ending_) {
      for (Move& move : moves) move.to = Position(acknowledged_ + 1);
      const auto answers = store_->Commit(
          group_.name(), moves, Member(), Atomicity::kAll, Deadline::After(Duration(2000)));
      if (answers && answers->front().Ok()) {
        ++acknowledged_;
      } else if (answers && answers->front().error->code == ErrorCode::kInDoubt) {
        Settle(moves);
      }
    }
  }

  /// A claim on the own claim of each; all tell the same position, none below what was said.
  void Settle(std::vector<Move>& moves) {
    for (Move& move : moves) {
      ClaimRequest request = Request(move.at, *move.claim);
      ClaimResult result;
      while (!ending_ && !result.outcome.Ok()) {
        result = ClaimIn(*store_, group_.name(), request, Duration(2000));
        // In doubt itself, and made: it is known by its nonce.
        if (result == OutcomeCode::kFenced && result.outcome.holder->token.nonce == request.nonce) {
          request = Request(move.at, result.outcome.holder->token);
        } else if (result == OutcomeCode::kFenced) {
          ++wrong_;
          return;
        }
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
  TestGroup group_{*store_, "billing"};
  std::atomic<std::int64_t> acknowledged_ = 0;
  std::atomic<int> wrong_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

TEST_CASE("G13 a server killed in the middle of commits has every acknowledged one") {
  OwnServer server("redis");
  const RedisOptions options = At(PortOf(server.address()));
  const Writer writer(options);
  std::mt19937 random = SeededRandom();
  for (int i = 0; i < 20; ++i) {
    const std::int64_t target =
        writer.acknowledged() + std::uniform_int_distribution(1, 200)(random);
    REQUIRE(Eventually([&] { return writer.acknowledged() >= target; }, kRecovery));
    server.Kill();
    const std::int64_t said = writer.acknowledged();
    server.Start();
    const auto store = MustOpen(options);
    const TestGroup group(*store, "billing");
    for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
      CHECK(group.PositionOf(at).value_or(0) >= said);
    }
    CHECK(Eventually([&] { return writer.acknowledged() > said; }, kRecovery));
  }
  CHECK(writer.wrong() == 0);
}

}  // namespace
}  // namespace offsetstore::testing
