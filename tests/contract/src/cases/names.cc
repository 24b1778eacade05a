// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C20 to C25: worlds, names, limits, lists.
#include "gates.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "offsetstore/testing/awkward_names.h"

namespace offsetstore::testing::cases {

void C20Groups(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup one = subject.Group();
  const TestGroup two = subject.Group();
  REQUIRE(one.Commit(Advance(at, 5)).Ok());
  CHECK(two.PositionOf(at) == std::nullopt);
  REQUIRE(two.Commit(Advance(at, 3)).Ok());
  CHECK(one.PositionOf(at) == 5);
  if (!Fences(subject)) return;
  const ClaimToken first = one.MustClaim(at);
  const ClaimToken second = two.MustClaim(at);
  CHECK(two.Commit(Advance(at, 9, first)) == OutcomeCode::kFenced);
  CHECK(one.Commit(Advance(at, 6, first)) == OutcomeCode::kApplied);
  CHECK(two.Commit(Advance(at, 4, second)) == OutcomeCode::kApplied);
  CHECK(two.Remove(at) == OutcomeCode::kApplied);
  CHECK(one.PositionOf(at) == 6);
  CHECK(one.Commit(Advance(at, 7, first)) == OutcomeCode::kApplied);
}

void C21Spaces(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup none = subject.Group();
  REQUIRE(none.Commit(Advance(at, 1)).Ok());
  const auto opened = subject.storage.Open("prod-eu");
  if (!opened) {  // A store without spaces says so at open; it never mixes two silently.
    const ErrorCode code = opened.error().code;
    CHECK((code == ErrorCode::kConfigInvalid || code == ErrorCode::kUnsupported));
    return;
  }
  const auto other = subject.Open("prod-us");
  const TestGroup eu = none.In(**opened);
  const TestGroup us = none.In(*other);
  CHECK((*opened)->Info().space == "prod-eu");
  CHECK(subject.store->Info().space.empty());
  CHECK(eu.PositionOf(at) == std::nullopt);
  REQUIRE(eu.Commit(Advance(at, 2)).Ok());
  REQUIRE(us.Commit(Advance(at, 3)).Ok());
  CHECK(none.PositionOf(at) == 1);
  CHECK(eu.PositionOf(at) == 2);
  CHECK(us.Remove(at) == OutcomeCode::kApplied);
  CHECK(eu.PositionOf(at) == 2);
  CHECK(us.All().empty());
  if (!subject.can().lists_groups) return;
  CHECK(eu.IsListed());
  CHECK_FALSE(us.IsListed());
}

void C22Topics(Subject& subject) {
  const auto names = AwkwardTopics(subject.limits().names, subject.limits().topic_bytes);
  std::vector<TopicPartition> at;
  at.reserve(names.size());
  for (const auto& name : names) at.push_back({name, 0});
  subject.storage.Prepare(at);
  const TestGroup group = subject.Group();
  auto moves = AdvanceEach(at, 0);
  for (std::size_t i = 0; i < moves.size(); ++i) {
    moves[i].to = Position(static_cast<std::int64_t>(i));
  }
  for (const auto& answer : group.CommitAll(moves)) {
    CAPTURE(ToString(answer.at));
    CHECK(answer == OutcomeCode::kApplied);
  }
  subject.Reopen();
  const TestGroup later = group.In(*subject.store);
  for (const auto& move : moves) {
    CAPTURE(ToString(move.at));
    CHECK(later.PositionOf(move.at) == move.to.value());
  }
  std::vector<TopicPartition> found;
  for (const auto& read : later.All()) found.push_back(read.at);
  std::sort(at.begin(), at.end());
  CHECK(found == at);
}

void C22Groups(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const std::string tag = Unique("awkward");
  const auto names = AwkwardGroups(subject.limits().names, tag, subject.limits().group_bytes);
  std::int64_t next = 0;
  for (const auto& name : names) {
    CAPTURE(Printable(name));
    CHECK(TestGroup(*subject.store, name).Commit(Set(at, next++)) == OutcomeCode::kApplied);
  }
  subject.Reopen();
  next = 0;
  for (const auto& name : names) {
    CAPTURE(Printable(name));
    CHECK(TestGroup(*subject.store, name).PositionOf(at) == next++);
  }
  if (!subject.can().lists_groups) return;
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  // One page, then one at a time: a name must not break the way to the next page.
  for (const std::size_t limit : {std::size_t{1000}, std::size_t{1}}) {
    const auto listed = ListedGroups(*subject.store, "", limit);
    CHECK(std::includes(listed.begin(), listed.end(), sorted.begin(), sorted.end()));
  }
}

void C22Owners(Subject& subject) {
  if (!Fences(subject)) return;
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  for (const char* name :
       {"", "two words", "a\tb\nc", "100%", "a=b,c;d\"e\"", "\xc3\xa9\xe2\x82\xac"}) {
    Owner owner = Member(name);
    owner.member_id = std::string("id ") + name;
    owner.host = "h:" + owner.name;
    owner.cluster_id = owner.name;
    CAPTURE(Printable(name));
    CHECK(group.Claim(at, Any{}, owner) == OutcomeCode::kApplied);
    CHECK(group.ClaimOf(at)->owner == owner);
  }
}

void C23Outside(Subject& subject) {
  const TopicPartition good = subject.Partition();
  const TestGroup group = subject.Group();
  for (const auto& name : TopicsOutside(subject.limits().names)) {
    CAPTURE(Printable(name));
    const std::vector<Move> moves = {Advance(good, 1), Advance({name, 0}, 1)};
    for (const auto& answer : group.CommitAll(moves)) {
      CHECK(answer == ErrorCode::kInvalidArgument);
    }
    CHECK(group.All().empty());
  }
  for (const auto& name : GroupsOutside(subject.limits().names)) {
    CAPTURE(Printable(name));
    const TestGroup bad(*subject.store, name);
    CHECK(bad.Commit(Advance(good, 1)) == ErrorCode::kInvalidArgument);
    CHECK_FALSE(subject.store->Fetch(name, {}, Soon()).has_value());
  }
}

void C24Limits(Subject& subject) {
  const Limits& limits = subject.limits();
  CHECK(limits.topic_bytes >= 249);
  const TopicPartition at = subject.Partition();
  const TopicPartition longest{std::string(limits.topic_bytes, 't'), 0};
  const std::string tag = Unique("long");
  REQUIRE(limits.group_bytes > tag.size());
  const std::string filler(limits.group_bytes - tag.size(), 'g');
  subject.storage.Prepare(std::vector{longest});
  const TestGroup group = subject.Group();
  CHECK(group.Commit(Advance(longest, 1)) == OutcomeCode::kApplied);
  CHECK(group.PositionOf(longest) == 1);
  CHECK(group.Commit(Advance({longest.topic + 't', 0}, 1)) == ErrorCode::kInvalidArgument);
  const TestGroup largest(*subject.store, tag + filler);
  CHECK(largest.Commit(Advance(at, 1)) == OutcomeCode::kApplied);
  CHECK(largest.PositionOf(at) == 1);
  const TestGroup larger(*subject.store, tag + filler + 'g');
  CHECK(larger.Commit(Advance(at, 1)) == ErrorCode::kInvalidArgument);
  if (subject.can().lists_groups) CHECK(largest.IsListed());
  CHECK(group.All().size() == 1);
}

void C24Metadata(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  if (!subject.can().keeps_metadata) {
    CHECK(group.Commit(WithMetadata(Advance(at[0], 1), "m")) == ErrorCode::kUnsupported);
    CHECK(group.PositionOf(at[0]) == std::nullopt);
    return;
  }
  const std::string largest(subject.limits().metadata_bytes, 'm');
  CHECK(group.Commit(WithMetadata(Advance(at[0], 1), largest)) == OutcomeCode::kApplied);
  CHECK((group.EntryOf(at[0]).metadata == largest));  // In brackets: too long to be printed.
  const std::vector<Move> moves = {Advance(at[1], 1),
                                   WithMetadata(Advance(at[0], 2), largest + 'm')};
  for (const auto& answer : group.CommitAll(moves)) CHECK(answer == ErrorCode::kInvalidArgument);
  CHECK(group.PositionOf(at[0]) == 1);
  CHECK(group.PositionOf(at[1]) == std::nullopt);
}

void C25Lists(Subject& subject) {
  const TopicPartition at = subject.Partition();
  if (!subject.can().lists_groups) {
    const auto page = subject.store->ListGroups({}, Soon());
    REQUIRE_FALSE(page.has_value());
    CHECK(page.error().code == ErrorCode::kUnsupported);
    return;
  }
  const std::string tag = Unique("list");
  std::vector<std::string> names;
  for (const char* end : {"-a", "-b", "-c", "-d", "-e"}) names.push_back(tag + end);
  for (const auto& name : std::vector<std::string>(names.rbegin(), names.rend())) {
    REQUIRE(TestGroup(*subject.store, name).Commit(Advance(at, 1)).Ok());
  }
  for (const std::size_t limit : {1, 2, 5, 1000}) {
    CAPTURE(limit);
    CHECK(ListedGroups(*subject.store, tag, limit) == names);
  }
  const auto nothing = subject.store->ListGroups({"", 0}, Soon());
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().code == ErrorCode::kInvalidArgument);
}

void C25Hidden(Subject& subject) {
  if (!Fences(subject) || !subject.can().lists_groups) return;
  const TopicPartition at = subject.Partition();
  const TestGroup claimed = subject.Group("claimed");
  const TestGroup removed = subject.Group("removed");
  REQUIRE(claimed.MustClaim(at).counter > 0);
  REQUIRE(removed.Commit(Advance(at, 1)).Ok());
  CHECK(removed.IsListed());
  REQUIRE(removed.Remove(at) == OutcomeCode::kApplied);
  CHECK_FALSE(claimed.IsListed());
  CHECK_FALSE(removed.IsListed());
}

}  // namespace offsetstore::testing::cases
