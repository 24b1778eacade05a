// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that takes everything and answers nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "own_server.h"
#include "postgres_support.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kWait = 300ms;
constexpr auto kSlack = 3s;

/// Freezes a server with all its processes: each connection has one of its own.
class FrozenTree {
 public:
  explicit FrozenTree(pid_t parent) {
    Freeze(parent);
    const std::string pid = std::to_string(parent);
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    for (pid_t child = 0; children >> child;) Freeze(child);
    if (pids_.size() < 2) throw std::runtime_error("the server has no other process");
  }
  FrozenTree(const FrozenTree&) = delete;
  FrozenTree& operator=(const FrozenTree&) = delete;
  ~FrozenTree() {
    // Fails only where a process is gone, and then there is nothing to thaw.
    for (const pid_t pid : pids_) static_cast<void>(::kill(pid, SIGCONT));
  }

 private:
  void Freeze(pid_t pid) {
    if (::kill(pid, SIGSTOP) == 0) pids_.push_back(pid);
  }
  std::vector<pid_t> pids_;
};

/// Runs `call` and checks that it came back at its deadline.
template <class Call>
auto InTime(Call call) {
  const auto start = Deadline::Clock::now();
  auto answer = call(In(kWait));
  CHECK(Deadline::Clock::now() - start < kWait + kSlack);
  return answer;
}

template <class Answer>
ErrorCode CodeOf(const Result<Answer>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

ErrorCode CodeOfFirst(const Answers<Outcome>& answers) {
  if (!answers) return answers.error().code;
  REQUIRE(answers->front().error);
  return answers->front().error->code;
}

TEST_CASE("on a frozen server every call returns at its deadline, and goes on after it") {
  const OwnServer server("postgres");
  const auto store = MustOpen(server.address());
  const auto closing = MustOpen(server.address());
  const TestGroup group(*store, "g");
  const TopicPartition at = Orders(0);
  ClaimToken claim = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, claim)).Ok());
  {
    const FrozenTree frozen(server.pid());
    const std::vector<Move> moves = {Advance(at, 6, claim)};
    // It went out on a connection that stood: what becomes of it is open.
    CHECK(CodeOfFirst(InTime([&](Deadline by) {
            return store->Commit("g", moves, Member(), Atomicity::kEach, by);
          })) == ErrorCode::kInDoubt);
    // From here on there is no connection, so nothing is sent.
    CHECK(CodeOfFirst(InTime([&](Deadline by) {
            return store->Commit("g", moves, Member(), Atomicity::kEach, by);
          })) == ErrorCode::kDeadlineExceeded);
    CHECK(CodeOf(InTime([&](Deadline by) { return store->Fetch("g", Selection{}, by); })) ==
          ErrorCode::kDeadlineExceeded);
    CHECK(CodeOf(InTime([&](Deadline by) { return store->ListGroups({}, by); })) ==
          ErrorCode::kDeadlineExceeded);
    const std::vector<ClaimRequest> requests = {Request(at)};
    CHECK(CodeOf(InTime([&](Deadline by) { return store->Claim("g", requests, Member(), by); })) ==
          ErrorCode::kDeadlineExceeded);
    const std::vector<Claimed> releases = {{at, claim}};
    CHECK(CodeOf(InTime([&](Deadline by) { return store->Release("g", releases, by); })) ==
          ErrorCode::kDeadlineExceeded);
    CHECK(CodeOf(InTime([&](Deadline by) { return TryOpen(server.address(), by); })) ==
          ErrorCode::kDeadlineExceeded);
    CHECK(InTime([&](Deadline by) { return closing->Close(by); }));
  }
  const ClaimResult settled = group.Claim(at, claim);
  REQUIRE(settled == OutcomeCode::kApplied);
  claim = settled.token;
  CHECK(group.Commit(Advance(at, 7, claim)).Ok());
  CHECK(group.PositionOf(at) == 7);
}

TEST_CASE("a claim that a frozen server took in half is surely not taken") {
  const OwnServer server("postgres");
  const auto store = MustOpen(server.address());
  const TestGroup group(*store, "g");
  const ClaimToken claim = group.MustClaim(Orders(0));
  {
    const FrozenTree frozen(server.pid());
    const std::vector<ClaimRequest> requests = {Request(Orders(0))};
    CHECK(CodeOf(InTime([&](Deadline by) { return store->Claim("g", requests, Member(), by); })) ==
          ErrorCode::kDeadlineExceeded);
  }
  CHECK(group.Commit(Advance(Orders(0), 5, claim)).Ok());
  CHECK(group.ClaimOf(Orders(0))->token == claim);
}

TEST_CASE("a write that the network cannot take at once keeps its deadline too") {
  const OwnServer server("postgres");
  const auto store = MustOpen(server.address());
  const TestGroup group(*store, "g");
  REQUIRE(group.Commit(Advance(Orders(0), 1)).Ok());
  std::vector<Move> moves;
  for (const TopicPartition& at : PartitionsOf("orders", 64)) {
    moves.push_back(WithMetadata(Advance(at, 5, {}, Absent{}), std::string(512 * 1024, 'm')));
  }
  {
    const FrozenTree frozen(server.pid());
    CHECK(CodeOfFirst(InTime([&](Deadline by) {
            return store->Commit("g", moves, Member(), Atomicity::kEach, by);
          })) == ErrorCode::kInDoubt);
  }
  CHECK(group.Commit(Advance(Orders(0), 2)).Ok());
}

}  // namespace
}  // namespace offsetstore::testing
