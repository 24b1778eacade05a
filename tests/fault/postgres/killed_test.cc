// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The server is killed in the middle of commits and started again.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "eventually.h"
#include "own_server.h"
#include "postgres_support.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

/// Commits 1, 2, 3, ... on a partition of its own under a claim, and settles what is in doubt,
/// until it is stopped.
class Committer {
 public:
  Committer(OffsetStore& store, std::int32_t partition)
      : store_(store), at_(Orders(partition)), thread_([this] { Run(); }) {}
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer() {
    stop_ = true;
    thread_.join();
  }

  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  /// Acknowledged commits that were gone, claims that were lost: what must not happen.
  [[nodiscard]] int wrong() const { return wrong_; }

 private:
  void Run() {
    while (!stop_ && !Take(Any{})) std::this_thread::yield();
    while (!stop_) {
      if (!CommitNext() && !stop_) std::this_thread::yield();
    }
  }

  bool CommitNext() {
    const std::vector<Move> moves = {Advance(at_, acknowledged_ + 1, claim_)};
    const auto answers = store_.Commit("g", moves, Member(), Atomicity::kEach, In(2s));
    if (!answers) return false;
    const Outcome& outcome = answers->front();
    if (outcome.Ok()) {
      ++acknowledged_;
    } else if (outcome.error && outcome.error->code == ErrorCode::kInDoubt) {
      while (!stop_ && !Take(claim_)) std::this_thread::yield();
    } else if (outcome.code == OutcomeCode::kFenced) {
      ++wrong_;
    }
    return outcome.Ok();
  }

  /// Takes the claim, and goes on from what is stored.
  bool Take(const Expect& expect) {
    const std::vector<ClaimRequest> requests = {Request(at_, expect)};
    const auto answers = store_.Claim("g", requests, Member(), In(2s));
    if (!answers) return false;
    const ClaimAnswer& answer = answers->front();
    const auto& holder = answer.outcome.holder;
    if (!answer.outcome.Ok() && holder && IsMine(holder->token.nonce)) {
      claim_ = holder->token;
      return Take(claim_);
    }
    if (!answer.outcome.Ok()) {
      nonces_.push_back(requests.front().nonce);
      return false;
    }
    claim_ = answer.token;
    const std::int64_t stored = PositionIn(answer.slot).value_or(0);
    if (stored < acknowledged_) ++wrong_;
    acknowledged_ = stored;
    return true;
  }

  /// A claim of this writer's own whose answer was lost.
  [[nodiscard]] bool IsMine(const Nonce& nonce) const {
    return std::find(nonces_.begin(), nonces_.end(), nonce) != nonces_.end();
  }

  OffsetStore& store_;
  TopicPartition at_;
  ClaimToken claim_;
  std::vector<Nonce> nonces_;
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<int> wrong_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses all of the above
};

TEST_CASE("G13 every acknowledged commit is there after the server was killed, and clients go on") {
  const int kills = Long() ? 20 : 3;
  OwnServer server("postgres");
  const auto store = MustOpen(server.address());
  constexpr int kCommitters = 4;
  std::vector<std::unique_ptr<Committer>> committers;
  for (int i = 0; i < kCommitters; ++i) {
    committers.push_back(std::make_unique<Committer>(*store, i));
  }
  const auto all_pass = [&](std::int64_t more) {
    std::vector<std::int64_t> goals;
    for (const auto& one : committers) goals.push_back(one->acknowledged() + more);
    return Eventually([&] {
      for (std::size_t i = 0; i < committers.size(); ++i) {
        if (committers[i]->acknowledged() < goals[i]) return false;
      }
      return true;
    });
  };
  for (int kill = 0; kill < kills; ++kill) {
    REQUIRE(all_pass(20));
    server.Kill();
    std::vector<std::int64_t> acknowledged;
    for (const auto& one : committers) acknowledged.push_back(one->acknowledged());
    server.Start();
    const auto after = MustOpen(server.address());
    for (int i = 0; i < kCommitters; ++i) {
      const TestGroup seen(*after, "g");
      CHECK(seen.PositionOf(Orders(i)).value_or(0) >= acknowledged[static_cast<std::size_t>(i)]);
    }
  }
  CHECK(all_pass(20));
  for (const auto& one : committers) CHECK(one->wrong() == 0);
}

}  // namespace
}  // namespace offsetstore::testing
