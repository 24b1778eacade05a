// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C26 to C37: the claim and its fence.
#include "gates.h"

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "offsetstore/testing/in_doubt_store.h"

namespace offsetstore::testing::cases {

void C26Claim(Subject& subject) {
  if (!Fences(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[1], 7)).Ok());
  const ClaimToken first = group.MustClaim(at[2]);
  CHECK(first.counter >= 1);
  const std::vector<ClaimRequest> requests = {Request(at[2]), Request(at[1]), Request(at[0])};
  const auto results = group.ClaimAll(requests);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CHECK(results[i] == OutcomeCode::kApplied);
    CHECK(results[i].token.nonce == requests[i].nonce);
    CHECK(group.ClaimOf(requests[i].at)->token == results[i].token);
  }
  CHECK(results[0].token.counter > first.counter);
  CHECK(PositionIn(results[1].slot) == 7);
  CHECK(PositionIn(results[2].slot) == std::nullopt);
}

void C27NoPosition(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  CHECK(std::holds_alternative<Absent>(group.ReadOf(at).slot));
  CHECK(group.ClaimOf(at)->token == token);
  const auto all = group.All();
  REQUIRE(all.size() == 1);
  CHECK(std::holds_alternative<Absent>(all[0].slot));
  REQUIRE(all[0].claim.has_value());
  CHECK(all[0].claim->token == token);
  CHECK(group.Commit(Advance(at, 0, token)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 0);
}

void C28Owner(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  Owner first = Member("first");
  first.member_id = "member-1-uuid";
  first.cluster_id = "cluster-1";
  const ClaimResult one = group.Claim(at, Any{}, first);
  REQUIRE(one == OutcomeCode::kApplied);
  CHECK_FALSE(one.previous.has_value());
  CHECK(group.ClaimOf(at)->owner == first);
  CHECK_FALSE(group.ClaimOf(at)->released);
  const ClaimResult two = group.Claim(at, Any{}, Member("second"));
  REQUIRE(two.previous.has_value());
  CHECK(two.previous->token == one.token);
  CHECK(two.previous->owner == first);
  CHECK_FALSE(two.previous->released);
  REQUIRE(group.Release(at, two.token) == OutcomeCode::kApplied);
  CHECK(group.ClaimOf(at)->released);
  const ClaimResult three = group.Claim(at);
  REQUIRE(three.previous.has_value());
  CHECK(three.previous->token == two.token);
  CHECK(three.previous->released);
}

void C28Restart(Subject& subject) {
  if (!Fences(subject)) return;
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at[0]);
  const ClaimToken released = group.MustClaim(at[1]);
  REQUIRE(group.Release(at[1], released) == OutcomeCode::kApplied);
  const auto before = group.All();
  subject.Reopen();
  const TestGroup later = group.In(*subject.store);
  const auto after = later.All();
  REQUIRE(after.size() == 2);
  CHECK((after[0].claim == before[0].claim));
  CHECK((after[1].claim == before[1].claim));
  CHECK(later.Commit(Advance(at[0], 1, held)) == OutcomeCode::kApplied);
  CHECK(later.Commit(Advance(at[1], 1, released)) == OutcomeCode::kFenced);
  CHECK(later.MustClaim(at[1]).counter > released.counter);
}

void C29Nobody(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimResult first = group.Claim(at, Nobody{}, Member("first"));
  REQUIRE(first == OutcomeCode::kApplied);
  const ClaimResult refused = group.Claim(at, Nobody{}, Member("second"));
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.outcome.holder.has_value());
  CHECK(refused.outcome.holder->token == first.token);
  CHECK(refused.outcome.holder->owner.name == "first");
  CHECK(group.ClaimOf(at)->token == first.token);
  REQUIRE(group.Release(at, first.token) == OutcomeCode::kApplied);
  CHECK(group.Claim(at, Nobody{}) == OutcomeCode::kApplied);
  REQUIRE(group.Remove(at) == OutcomeCode::kApplied);
  CHECK(group.Claim(at, Nobody{}) == OutcomeCode::kApplied);
}

void C29Token(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken imagined{1, Nonce::Random()};
  CHECK(group.Claim(at, imagined) == OutcomeCode::kFenced);
  CHECK_FALSE(group.ClaimOf(at).has_value());
  const ClaimToken first = group.MustClaim(at);
  CHECK(group.Claim(at, imagined) == OutcomeCode::kFenced);
  CHECK(group.Claim(at, ClaimToken{first.counter, Nonce::Random()}) == OutcomeCode::kFenced);
  CHECK(group.Claim(at, ClaimToken{first.counter + 1, first.nonce}) == OutcomeCode::kFenced);
  const ClaimResult second = group.Claim(at, first);
  REQUIRE(second == OutcomeCode::kApplied);
  CHECK(group.Claim(at, first) == OutcomeCode::kFenced);
  REQUIRE(group.Release(at, second.token) == OutcomeCode::kApplied);
  CHECK(group.Claim(at, second.token) == OutcomeCode::kApplied);
}

void C29Mixed(Subject& subject) {
  if (!Fences(subject)) return;
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  const ClaimToken held = group.MustClaim(at[1]);
  const std::vector<ClaimRequest> requests = {
      Request(at[0], Nobody{}), Request(at[1], Nobody{}), Request(at[2], Nobody{})};
  const auto results = group.ClaimAll(requests, Member("second"));
  CHECK(results[0] == OutcomeCode::kApplied);
  CHECK(results[1] == OutcomeCode::kFenced);
  CHECK(results[2] == OutcomeCode::kApplied);
  CHECK(group.ClaimOf(at[1])->token == held);
}

void C30Fenced(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken old = group.MustClaim(at, Member("old"));
  REQUIRE(group.Commit(Advance(at, 5, old)) == OutcomeCode::kApplied);
  const ClaimResult taken = group.Claim(at, Any{}, Member("new"));
  CHECK(PositionIn(taken.slot) == 5);
  for (const Move& move : {Advance(at, 6, old), Rewind(at, 0, old), Advance(at, 5, old)}) {
    const Answer refused = group.Commit(move, Member("old"));
    CHECK(refused == OutcomeCode::kFenced);
    REQUIRE(refused.holder.has_value());
    CHECK(refused.holder->token == taken.token);
    CHECK(refused.holder->owner.name == "new");
    CHECK_FALSE(refused.holder->released);
  }
  CHECK(group.PositionOf(at) == 5);
  CHECK(group.Commit(Advance(at, 6, taken.token)) == OutcomeCode::kApplied);
}

void C30Both(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  // The same counter comes twice where a store went back in time; only the nonce tells then.
  CHECK(group.Commit(Advance(at, 1, ClaimToken{token.counter, Nonce::Random()})) ==
        OutcomeCode::kFenced);
  CHECK(group.Commit(Advance(at, 1, ClaimToken{token.counter + 1, token.nonce})) ==
        OutcomeCode::kFenced);
  CHECK(group.PositionOf(at) == std::nullopt);
  CHECK(group.Commit(Advance(at, 1, token)) == OutcomeCode::kApplied);
}

void C31Released(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, token)) == OutcomeCode::kApplied);
  CHECK(group.Release(at, token) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(at) == 5);
  const Answer refused = group.Commit(Advance(at, 6, token));
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->token == token);
  CHECK(refused.holder->released);
  CHECK(group.PositionOf(at) == 5);
}

void C32Release(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken old = group.MustClaim(at);
  CHECK(group.Release(at, old) == OutcomeCode::kApplied);
  CHECK(group.Release(at, old) == OutcomeCode::kAlreadyApplied);
  const ClaimToken newer = group.MustClaim(at, Member("newer"));
  const Answer late = group.Release(at, old);
  CHECK(late == OutcomeCode::kFenced);
  REQUIRE(late.holder.has_value());
  CHECK(late.holder->token == newer);
  CHECK_FALSE(group.ClaimOf(at)->released);
  CHECK(group.Release(at, ClaimToken{newer.counter, old.nonce}) == OutcomeCode::kFenced);
  CHECK(group.Commit(Advance(at, 1, newer)) == OutcomeCode::kApplied);
}

void C32Nothing(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const Answer refused = group.Release(at, ClaimToken{1, Nonce::Random()});
  CHECK(refused == OutcomeCode::kFenced);
  CHECK_FALSE(refused.holder.has_value());
  CHECK(group.All().empty());
}

void C33Unclaimed(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  CHECK(group.Commit(Advance(at, 1)) == OutcomeCode::kApplied);
  const ClaimToken token = group.MustClaim(at);
  const Answer refused = group.Commit(Advance(at, 2));
  CHECK(refused == OutcomeCode::kFenced);
  REQUIRE(refused.holder.has_value());
  CHECK(refused.holder->token == token);
  CHECK(group.PositionOf(at) == 1);
  REQUIRE(group.Release(at, token) == OutcomeCode::kApplied);
  CHECK(group.Commit(Advance(at, 2)) == OutcomeCode::kApplied);
  CHECK(group.ClaimOf(at)->token == token);
  CHECK(group.ClaimOf(at)->released);
}

void C33Start(Subject& subject) {
  if (!Fences(subject) || !ChecksPositions(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken token = group.MustClaim(at);
  CHECK(group.Commit(Advance(at, 9, {}, From(Absent{}))) == OutcomeCode::kFenced);
  CHECK(group.PositionOf(at) == std::nullopt);
  CHECK(group.Commit(Advance(at, 1, token, From(Absent{}))) == OutcomeCode::kApplied);
}

void C34Updates(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const Answer never = group.Commit(Advance(at, 5, ClaimToken{1, Nonce::Random()}));
  CHECK(never == OutcomeCode::kFenced);
  CHECK_FALSE(never.holder.has_value());
  CHECK(group.All().empty());
  const ClaimToken token = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, token)).Ok());
  REQUIRE(group.Remove(at) == OutcomeCode::kApplied);
  CHECK(group.Commit(Advance(at, 6, token)) == OutcomeCode::kFenced);
  CHECK(group.All().empty());
}

void C35Counter(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  std::uint64_t highest = 0;
  const auto grows = [&](const TestGroup& seen) {
    const std::uint64_t counter = seen.MustClaim(at).counter;
    CHECK(counter > highest);
    highest = counter;
  };
  grows(group);
  REQUIRE(group.Release(at, group.ClaimOf(at)->token) == OutcomeCode::kApplied);
  grows(group);
  REQUIRE(group.Remove(at) == OutcomeCode::kApplied);
  grows(group);
  REQUIRE(group.Remove(at) == OutcomeCode::kApplied);
  REQUIRE(group.Commit(Advance(at, 1)) == OutcomeCode::kApplied);
  grows(group);
  REQUIRE(group.Commit(Set(at, 2)) == OutcomeCode::kApplied);
  CHECK(group.ClaimOf(at)->token.counter > highest);
  grows(group);
  REQUIRE(group.Remove(at) == OutcomeCode::kApplied);
  subject.Reopen();
  grows(group.In(*subject.store));
}

void C36Own(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const ClaimToken before = group.MustClaim(at);
  // The answer to this claim is lost, and the retry meets what it did.
  const std::vector<ClaimRequest> request = {Request(at, before)};
  REQUIRE(group.ClaimAll(request)[0] == OutcomeCode::kApplied);
  const auto retried = group.ClaimAll(request)[0];
  CHECK(retried == OutcomeCode::kFenced);
  REQUIRE(retried.outcome.holder.has_value());
  CHECK(retried.outcome.holder->token.nonce == request[0].nonce);
  CHECK(group.Commit(Advance(at, 1, retried.outcome.holder->token)) == OutcomeCode::kApplied);
}

namespace {

/// A commit is in doubt; a conditional claim settles it. `cut` says what really happened.
void SettlesDoubt(Subject& subject, InDoubtStore::Cut cut, std::int64_t expected) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  auto cutting = std::make_unique<InDoubtStore>(subject.Open(), cut);
  const TestGroup group(*cutting, Unique("doubt"));
  const ClaimToken token = group.MustClaim(at);
  REQUIRE(group.Commit(Advance(at, 5, token)) == OutcomeCode::kApplied);
  cutting->CutNextCommit();
  const Move doubtful = Advance(at, 9, token);
  CHECK(group.Commit(doubtful) == ErrorCode::kInDoubt);

  const TestGroup fresh = group.In(*subject.store);
  const ClaimResult settled = fresh.Claim(at, token);
  REQUIRE(settled == OutcomeCode::kApplied);
  CHECK(PositionIn(settled.slot) == expected);
  // The server may still have held the original: it comes too late now.
  CHECK(group.Commit(doubtful) == OutcomeCode::kFenced);
  CHECK(fresh.PositionOf(at) == expected);
  CHECK(fresh.Commit(Advance(at, 9, settled.token)).Ok());
  CHECK(fresh.PositionOf(at) == 9);
}

}  // namespace

void C37Applied(Subject& subject) {
  SettlesDoubt(subject, InDoubtStore::Cut::kAfterTheServer, 9);
}

void C37NotApplied(Subject& subject) {
  SettlesDoubt(subject, InDoubtStore::Cut::kBeforeTheServer, 5);
}

void C37Takeover(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  auto cutting =
      std::make_unique<InDoubtStore>(subject.Open(), InDoubtStore::Cut::kBeforeTheServer);
  const TestGroup group(*cutting, Unique("doubt"));
  const ClaimToken token = group.MustClaim(at);
  cutting->CutNextCommit();
  CHECK(group.Commit(Advance(at, 9, token)) == ErrorCode::kInDoubt);
  const ClaimToken newer = group.MustClaim(at, Member("newer"));
  const ClaimResult refused = group.Claim(at, token);
  CHECK(refused == OutcomeCode::kFenced);
  CHECK(group.ClaimOf(at)->token == newer);
  CHECK(group.Commit(Advance(at, 1, newer)) == OutcomeCode::kApplied);
}

}  // namespace offsetstore::testing::cases
