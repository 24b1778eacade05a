// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "lockstep_worker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <random>
#include <utility>

#include "eventually.h"
#include "settings.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kGroup = "lockstep";
constexpr int kPartitions = 3;
constexpr Duration kBound{2000};

}  // namespace

LockstepWorker::LockstepWorker(std::unique_ptr<OffsetStore> store)
    : store_(std::move(store)), running_(std::async(std::launch::async, [this] { Run(); })) {}

LockstepWorker::~LockstepWorker() {
  ending_ = true;
  running_.wait();
}

std::int64_t LockstepWorker::LeastIn(OffsetStore& store) {
  const TestGroup group(store, kGroup);
  std::vector<std::int64_t> all;
  for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
    all.push_back(group.PositionOf(at).value_or(0));
  }
  return *std::min_element(all.begin(), all.end());
}

void LockstepWorker::Run() noexcept {
  try {
    Work();
  } catch (const std::exception& failure) {
    ++wrong_;
    std::fprintf(stderr, "the worker ended: %s\n", failure.what());
  }
}

void LockstepWorker::Work() {
  const TestGroup group(*store_, kGroup);
  std::vector<Move> moves;
  for (const TopicPartition& at : PartitionsOf("orders", kPartitions)) {
    moves.push_back(Advance(at, 0, group.MustClaim(at)));
  }
  while (!ending_) {
    for (Move& move : moves) move.to = Position(acknowledged_ + 1);
    const auto answers =
        store_->Commit(kGroup, moves, Member(), Atomicity::kAll, Deadline::After(kBound));
    if (!answers) continue;
    const Outcome& first = answers->front();
    if (first.Ok()) {
      ++acknowledged_;
    } else if (first.error && first.error->code == ErrorCode::kInDoubt) {
      ++settled_;
      Settle(moves);
    }
  }
}

void LockstepWorker::Settle(std::vector<Move>& moves) {
  for (Move& move : moves) {
    if (!ClaimAgain(move)) return;
  }
}

bool LockstepWorker::ClaimAgain(Move& move) {
  std::vector<Nonce> mine;
  ClaimToken expected = *move.claim;
  while (!ending_) {
    const ClaimRequest request = Request(move.at, expected);
    mine.push_back(request.nonce);
    const auto answers = store_->Claim(kGroup, {&request, 1}, Member(), Deadline::After(kBound));
    if (!answers) continue;
    const ClaimAnswer& answer = answers->front();
    if (answer.outcome.Ok()) {
      move.claim = answer.token;
      Compare(PositionIn(answer.slot).value_or(0));
      return true;
    }
    if (answer.outcome.code != OutcomeCode::kFenced) continue;
    // In doubt itself, and made: it is known by its nonce.
    const auto& holder = answer.outcome.holder;
    if (!holder || std::find(mine.begin(), mine.end(), holder->token.nonce) == mine.end()) {
      ++wrong_;
      return false;
    }
    expected = holder->token;
  }
  return false;
}

void LockstepWorker::Compare(std::int64_t stored) {
  if (stored != acknowledged_ && stored != acknowledged_ + 1) ++wrong_;
  acknowledged_ = std::max(acknowledged_.load(), stored);
}

void CheckServerKills(OwnServer& server,
                      int kills,
                      const std::function<std::unique_ptr<OffsetStore>()>& open) {
  const LockstepWorker worker(open());
  std::mt19937 random = SeededRandom();
  for (int i = 0; i < kills; ++i) {
    const std::int64_t target =
        worker.acknowledged() + std::uniform_int_distribution(1, 200)(random);
    REQUIRE(Eventually([&] { return worker.acknowledged() >= target; }, kRecovery));
    server.Kill();
    const std::int64_t said = worker.acknowledged();
    server.Start();
    CHECK(LockstepWorker::LeastIn(*open()) >= said);
    CHECK(Eventually([&] { return worker.acknowledged() > said; }, kRecovery));
  }
  CHECK(worker.wrong() == 0);
}

}  // namespace offsetstore::testing
