// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <doctest/doctest.h>

#include "offsetstore/backends/memory.h"
#include "offsetstore/forwarding_store.h"
#include "offsetstore/open.h"

namespace offsetstore::cli {
namespace {

const Deadline kSoon = Deadline::After(std::chrono::minutes(1));

std::unique_ptr<OffsetStore> NewStore() {
  BackendRegistry registry;
  REQUIRE(RegisterMemoryBackend(registry));
  auto store = OpenStore(registry, "memory:", OpenOptions{}, kSoon);
  REQUIRE(store);
  return *std::move(store);
}

Outcome SetOne(OffsetStore& store, std::int64_t to, std::int32_t partition = 0) {
  const auto plan = PlanSet(store, "g", {{{"t", partition}, Position(to)}}, kSoon);
  REQUIRE(plan);
  const auto outcomes = Apply(store, *plan, kSoon);
  REQUIRE(outcomes);
  return outcomes->front();
}

ClaimToken ClaimOne(OffsetStore& store) {
  const std::vector<ClaimRequest> request = {{{"t", 0}, Any{}, Nonce::Random()}};
  const auto claimed = store.Claim("g", request, ThisProcess(Owner::Kind::kMember, "app"), kSoon);
  REQUIRE(claimed);
  REQUIRE(claimed->front().outcome.Ok());
  return claimed->front().token;
}

TEST_CASE("set writes where nothing was stored, moves either way, and says so") {
  const auto store = NewStore();
  CHECK(SetOne(*store, 100).Ok());
  CHECK(SetOne(*store, 5).Ok());
  const auto reads = store->Fetch("g", {}, kSoon);
  CHECK(std::get<Entry>(reads->front().slot).position == Position(5));
}

TEST_CASE("what was written below the declared durability is told") {
  Outcome fine;
  fine.at = {"t", 0};
  fine.code = OutcomeCode::kApplied;
  Outcome weak = fine;
  weak.at.partition = 1;
  weak.code = OutcomeCode::kAppliedBelowDurability;
  weak.error = MakeError(ErrorCode::kUnavailable, "0 of 1 replicas");
  CHECK(BelowDurability({fine}).empty());
  const std::string text = BelowDurability({fine, weak});
  CHECK(text.starts_with("1 of 2 partitions were changed below the declared durability: t[1]: "));
  CHECK(text.find("0 of 1 replicas") != std::string::npos);
  CHECK(Shortfall({fine, weak}).empty());
}

TEST_CASE("a position that moved since the plan is a conflict, and nothing is written") {
  const auto store = NewStore();
  REQUIRE(SetOne(*store, 100).Ok());
  const auto plan = PlanSet(*store, "g", {{{"t", 0}, Position(1)}, {{"t", 1}, Position(1)}}, kSoon);
  REQUIRE(SetOne(*store, 200).Ok());
  const auto outcomes = Apply(*store, *plan, kSoon);
  REQUIRE(outcomes);
  CHECK_FALSE(outcomes->at(0).Ok());
  CHECK(outcomes->at(1).code == OutcomeCode::kNotApplied);
  CHECK(Shortfall(*outcomes).find("2 of 2") == 0);
  CHECK(Shortfall(*outcomes).find("t[0]") != std::string::npos);
  const auto reads = store->Fetch("g", {}, kSoon);
  REQUIRE(reads->size() == 1);
  CHECK(std::get<Entry>(reads->front().slot).position == Position(200));
}

TEST_CASE("a claim taken since the plan fences it; a claim that the plan saw does not") {
  const auto store = NewStore();
  REQUIRE(SetOne(*store, 100).Ok());
  const auto early = PlanSet(*store, "g", {{{"t", 0}, Position(1)}}, kSoon);
  ClaimOne(*store);
  CHECK(Apply(*store, *early, kSoon)->front().code == OutcomeCode::kFenced);
  const auto late = PlanSet(*store, "g", {{{"t", 0}, Position(1)}}, kSoon);
  CHECK(PlanReport(*late, {}).rows[0]["held_by"].get<std::string>().find("app") !=
        std::string::npos);
  CHECK(Apply(*store, *late, kSoon)->front().Ok());
}

TEST_CASE("delete removes what the plan saw, and only that") {
  const auto store = NewStore();
  REQUIRE(SetOne(*store, 1, 0).Ok());
  REQUIRE(SetOne(*store, 2, 1).Ok());
  const auto plan = PlanRemoval(*store, "g", {}, kSoon);
  REQUIRE(plan->seen.size() == 2);
  REQUIRE(SetOne(*store, 3, 1).Ok());
  const auto outcomes = Apply(*store, *plan, kSoon);
  CHECK(outcomes->at(0).Ok());
  CHECK_FALSE(outcomes->at(1).Ok());
  CHECK(store->Fetch("g", {}, kSoon)->size() == 1);
}

/// As Kafka is: neither claims nor conditions nor batches. Remembers what it was asked.
class PlainStore final : public ForwardingStore {
 public:
  explicit PlainStore(std::unique_ptr<OffsetStore> below)
      : ForwardingStore(std::move(below)), info_(ForwardingStore::Info()) {
    info_.capabilities = {};
  }
  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    for (const Move& move : moves) {
      CHECK_FALSE(move.from);
      CHECK(std::holds_alternative<Any>(move.expect));
    }
    CHECK(atomicity == Atomicity::kEach);
    sent += moves.size();
    return ForwardingStore::Commit(group, moves, by, atomicity, deadline);
  }
  std::size_t sent = 0;

 private:
  StoreInfo info_;
};

TEST_CASE("where a store checks nothing, what moved since the plan is read again and left alone") {
  PlainStore store(NewStore());
  REQUIRE(SetOne(store, 100, 0).Ok());
  REQUIRE(SetOne(store, 100, 1).Ok());
  const auto plan = PlanSet(store, "g", {{{"t", 0}, Position(1)}, {{"t", 1}, Position(1)}}, kSoon);
  REQUIRE(SetOne(store, 200, 0).Ok());
  store.sent = 0;
  const auto outcomes = Apply(store, *plan, kSoon);
  REQUIRE(outcomes);
  CHECK(outcomes->at(0).code == OutcomeCode::kConflict);
  CHECK(outcomes->at(0).at == TopicPartition{"t", 0});
  CHECK(outcomes->at(1).Ok());
  CHECK(store.sent == 1);
}

TEST_CASE("a preview shows old and new and writes nothing") {
  const auto store = NewStore();
  REQUIRE(SetOne(*store, 100).Ok());
  const auto plan = PlanSet(*store, "g", {{{"t", 0}, Position(1)}, {{"u", 0}, Position(2)}}, kSoon);
  const Report report = PlanReport(*plan, {});
  CHECK(report.rows[0]["previous"] == 100);
  CHECK(report.rows[0]["position"] == 1);
  CHECK(report.rows[0]["outcome"] == "planned");
  CHECK(report.rows[1]["previous"].is_null());
  CHECK(std::get<Entry>(store->Fetch("g", {}, kSoon)->front().slot).position == Position(100));
}

}  // namespace
}  // namespace offsetstore::cli
