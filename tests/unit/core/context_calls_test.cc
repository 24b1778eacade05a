// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "offsetstore/layers/context.h"
#include "stub_store.h"

namespace offsetstore::testing {
namespace {

void CheckNamed(const Error& error, const std::string& operation) {
  CHECK(error.scheme == "stub");
  CHECK(error.operation == operation);
  CHECK(error.context == std::vector<std::pair<std::string, std::string>>{{"group", "g"}});
}

TEST_CASE("an empty request is answered without the store") {
  Layered layered = Layered::Make(WithContext);
  const auto claims = layered.store->Claim("g", {}, Owner{}, Soon());
  REQUIRE(claims);
  CHECK(claims->empty());
  for (const Atomicity atomicity : {Atomicity::kEach, Atomicity::kAll}) {
    const auto outcomes = layered.store->Commit("g", {}, Owner{}, atomicity, Soon());
    REQUIRE(outcomes);
    CHECK(outcomes->empty());
  }
  CHECK(layered.store->Release("g", {}, Soon())->empty());
  CHECK(layered.store->Remove("g", {}, Owner{}, Soon())->empty());
  CHECK(layered.stub->calls == 0);
}

TEST_CASE("an empty batch is a no-op even where the store takes none") {
  StoreInfo info = AbleInfo();
  info.capabilities.atomic_batch = false;
  Layered layered = Layered::Make(WithContext, info);
  CHECK(layered.store->Commit("g", {}, Owner{}, Atomicity::kAll, Soon()));
}

TEST_CASE("an empty selection reads the whole group") {
  Layered layered = Layered::Make(WithContext);
  CHECK(layered.store->Fetch("g", {}, Soon()));
  CHECK(layered.stub->calls == 1);
}

TEST_CASE("a deadline that has passed sends nothing") {
  Layered layered = Layered::Make(WithContext);
  const Deadline past = Deadline::After(Duration(-1));
  const auto late = [](const auto& result) {
    return !result && result.error().code == ErrorCode::kDeadlineExceeded &&
           result.error().retry == Retry::kSafe;
  };
  const std::vector moves = {MoveTo("t", 0, 1)};
  CHECK(late(layered.store->ListGroups({}, past)));
  CHECK(late(layered.store->Fetch("g", {}, past)));
  CHECK(late(layered.store->Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, past)));
  CHECK(late(layered.store->Commit("g", moves, Owner{}, Atomicity::kEach, past)));
  CHECK(late(layered.store->Release("g", std::vector{Claimed{{"t", 0}, {}}}, past)));
  CHECK(late(layered.store->Remove("g", std::vector{RemovalOf("t", 0)}, Owner{}, past)));
  CHECK(layered.stub->calls == 0);
}

Error Down() {
  return MakeError(ErrorCode::kUnavailable, "down");
}

TEST_CASE("an error of the whole call says which store, call and group") {
  Layered layered = Layered::Make(WithContext);
  layered.stub->on_list = [] { return Down(); };
  layered.stub->on_fetch = [](const auto&) { return Down(); };
  layered.stub->on_claim = [](auto) { return Down(); };
  layered.stub->on_commit = [](auto) { return Down(); };
  layered.stub->on_release = [](auto) { return Down(); };
  layered.stub->on_remove = [](auto) { return Down(); };
  layered.stub->on_close = [] { return Down(); };
  OffsetStore& store = *layered.store;
  const auto groups = store.ListGroups({}, Soon());
  CHECK(groups.error().operation == "list_groups");
  CHECK(groups.error().context.empty());
  CheckNamed(store.Fetch("g", {}, Soon()).error(), "fetch");
  CheckNamed(store.Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon()).error(), "claim");
  const std::vector moves = {MoveTo("t", 0, 1)};
  CheckNamed(store.Commit("g", moves, Owner{}, Atomicity::kEach, Soon()).error(), "commit");
  CheckNamed(store.Release("g", std::vector{Claimed{{"t", 0}, {}}}, Soon()).error(), "release");
  const auto removed = store.Remove("g", std::vector{RemovalOf("t", 0)}, Owner{}, Soon());
  CheckNamed(removed.error(), "remove");
  CHECK(store.Close(Soon()).error().operation == "close");
}

TEST_CASE("an error of one partition says which store, call and group") {
  Layered layered = Layered::Make(WithContext);
  const Error corrupt = MakeError(ErrorCode::kCorrupt, "bad");
  layered.stub->on_fetch = [&](const Selection&) {
    return std::vector<Read>{{{"t", 0}, corrupt, {}}, {{"t", 1}, Absent{}, {}}};
  };
  layered.stub->on_claim = [&](std::span<const ClaimRequest> requests) {
    return std::vector<ClaimAnswer>{{internal::Failed(requests[0].at, corrupt), {}, Absent{}, {}},
                                    {internal::Applied(requests[1].at), {}, corrupt, {}}};
  };
  layered.stub->on_commit = [&](std::span<const Move> moves) {
    return std::vector<Outcome>{internal::Failed(moves[0].at, corrupt)};
  };
  const auto reads = layered.store->Fetch("g", {}, Soon());
  REQUIRE(reads);
  CheckNamed(std::get<Error>((*reads)[0].slot), "fetch");
  const std::vector requests = {ClaimOf("t", 0), ClaimOf("t", 1)};
  const auto claims = layered.store->Claim("g", requests, Owner{}, Soon());
  REQUIRE(claims);
  CheckNamed(*(*claims)[0].outcome.error, "claim");
  CheckNamed(std::get<Error>((*claims)[1].slot), "claim");
  const std::vector moves = {MoveTo("t", 0, 1)};
  const auto outcomes = layered.store->Commit("g", moves, Owner{}, Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  CheckNamed(*(*outcomes)[0].error, "commit");
}

TEST_CASE("what a backend already said of an error stays") {
  Layered layered = Layered::Make(WithContext);
  layered.stub->on_fetch = [](const Selection&) {
    Error error = MakeError(ErrorCode::kUnavailable, "down");
    error.scheme = "inner";
    error.operation = "connect";
    return error.With("group", "other").With("path", "/x");
  };
  const auto reads = layered.store->Fetch("g", {}, Soon());
  REQUIRE_FALSE(reads);
  CHECK(ToString(reads.error()) == "inner: connect: Unavailable: down [group=other path=/x]");
}

TEST_CASE("an answer that does not cover the request is never passed on") {
  Layered layered = Layered::Make(WithContext);
  layered.stub->on_fetch = [](const Selection&) { return std::vector<Read>{}; };
  layered.stub->on_commit = [](std::span<const Move> moves) {
    return std::vector<Outcome>{internal::Applied(moves[0].at)};
  };
  layered.stub->on_claim = [](auto) { return std::vector<ClaimAnswer>(3); };
  const auto reads = layered.store->Fetch("g", {{{"t", 0}}, {}}, Soon());
  REQUIRE_FALSE(reads);
  CHECK(reads.error().code == ErrorCode::kInternal);
  // A write may have been applied, so each partition fails in doubt of it.
  const std::vector moves = {MoveTo("t", 0, 1), MoveTo("t", 1, 1)};
  const auto outcomes = layered.store->Commit("g", moves, Owner{}, Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  REQUIRE(outcomes->size() == 2);
  CHECK((*outcomes)[0].code == OutcomeCode::kFailed);
  CHECK((*outcomes)[1].at == moves[1].at);
  CHECK((*outcomes)[1].error->retry == Retry::kAfterNewClaim);
  const auto claims = layered.store->Claim("g", std::vector{ClaimOf("t", 0)}, Owner{}, Soon());
  REQUIRE(claims);
  REQUIRE(claims->size() == 1);
  CHECK((*claims)[0].outcome.error->code == ErrorCode::kInternal);
}

TEST_CASE("after a close every call is unavailable for good") {
  Layered layered = Layered::Make(WithContext);
  REQUIRE(layered.store->Close(Soon()));
  const int calls = layered.stub->calls;
  const auto closed = [](const auto& result) {
    return !result && result.error().code == ErrorCode::kUnavailable &&
           result.error().retry == Retry::kNever;
  };
  const std::vector moves = {MoveTo("t", 0, 1)};
  CHECK(closed(layered.store->ListGroups({}, Soon())));
  CHECK(closed(layered.store->Fetch("g", {}, Soon())));
  CHECK(closed(layered.store->Claim("g", {}, Owner{}, Soon())));
  CHECK(closed(layered.store->Commit("g", moves, Owner{}, Atomicity::kEach, Soon())));
  CHECK(closed(layered.store->Release("g", {}, Soon())));
  CHECK(closed(layered.store->Remove("g", {}, Owner{}, Soon())));
  CHECK(closed(layered.store->Close(Soon())));
  CHECK(layered.stub->calls == calls);
  CHECK(layered.store->Info().scheme == "stub");
}

TEST_CASE("a close that failed can be made again, other calls not") {
  Layered layered = Layered::Make(WithContext);
  layered.stub->on_close = [&]() -> Status {
    if (layered.stub->calls == 1) return MakeError(ErrorCode::kDeadlineExceeded, "busy");
    return {};
  };
  CHECK_FALSE(layered.store->Close(Soon()));
  CHECK(layered.store->Fetch("g", {}, Soon()).error().code == ErrorCode::kUnavailable);
  CHECK(layered.store->Close(Soon()));
  CHECK(layered.stub->calls == 2);
}

TEST_CASE("ten thousand partitions pass in one call") {
  Layered layered = Layered::Make(WithContext);
  const std::vector<Move> moves = Moves(10000);
  const auto outcomes = layered.store->Commit("g", moves, Owner{}, Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  CHECK(outcomes->size() == 10000);
}

}  // namespace
}  // namespace offsetstore::testing
