// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C01 to C07: what a read shows.
#include "gates.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace offsetstore::testing::cases {

void C01Absent(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  CHECK(std::holds_alternative<Absent>(group.ReadOf(at[0]).slot));
  CHECK_FALSE(group.ClaimOf(at[0]).has_value());
  CHECK(group.All().empty());
  CHECK(group.Commit(Advance(at[0], 7)) == OutcomeCode::kApplied);
  CHECK(std::holds_alternative<Absent>(group.ReadOf(at[1]).slot));
}

void C01Zero(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at, 0)) == OutcomeCode::kApplied);
  CHECK(std::holds_alternative<Entry>(group.ReadOf(at).slot));
  CHECK(group.PositionOf(at) == 0);
}

namespace {

/// A commit with all that can stand beside a position.
Move FullMove(const TopicPartition& at, bool with_metadata) {
  Move move = Advance(at, 42);
  move.leader_epoch = 17;
  move.topic_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  move.cluster_id = "cluster-1";
  if (with_metadata) move.metadata = "state: {\"a\": 1}, 100 %\twith\ttabs\nand \xc3\xa9";
  return move;
}

}  // namespace

void C02Whole(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  const Move move = FullMove(at, subject.can().keeps_metadata);
  REQUIRE(group.Commit(move) == OutcomeCode::kApplied);
  const Entry entry = group.EntryOf(at);
  CHECK(entry.position.value() == 42);
  CHECK(entry.metadata == move.metadata);
  CHECK(entry.commit_time.has_value() == subject.can().keeps_commit_time);
  if (!subject.can().fenced_commits) return;  // Only a store of our own format has room for these.
  CHECK(entry.leader_epoch == 17);
  CHECK(entry.topic_id == move.topic_id);
  CHECK(entry.cluster_id == move.cluster_id);
  CHECK(entry.writer.find("member-1") != std::string::npos);
}

void C02Bytes(Subject& subject) {
  if (!subject.can().keeps_metadata) return;  // C24 checks that it is refused.
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  std::string bytes;
  // Kafka's own format keeps text.
  const int end = subject.limits().names == NameDomain::kKafkaTopic ? 0x80 : 0x100;
  for (int byte = end == 0x80 ? 1 : 0; byte < end; ++byte) bytes.push_back(static_cast<char>(byte));
  REQUIRE(group.Commit(WithMetadata(Advance(at, 1), bytes)) == OutcomeCode::kApplied);
  CHECK((group.EntryOf(at).metadata == bytes));
  subject.Reopen();
  CHECK((group.In(*subject.store).EntryOf(at).metadata == bytes));
}

void C02Forgets(Subject& subject) {
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(FullMove(at, subject.can().keeps_metadata)) == OutcomeCode::kApplied);
  REQUIRE(group.Commit(Advance(at, 43)) == OutcomeCode::kApplied);
  const Entry entry = group.EntryOf(at);
  CHECK(entry.position.value() == 43);
  CHECK(entry.metadata.empty());
  CHECK(entry.leader_epoch == std::nullopt);
  if (!subject.can().fenced_commits) return;
  // The two ids stay: a tool knows neither, and without them a re-created topic goes unseen.
  CHECK(entry.topic_id == "AAAAAAAAAAAAAAAAAAAAAQ");
  CHECK(entry.cluster_id == "cluster-1");
}

void C03Range(Subject& subject) {
  const std::vector<std::int64_t> positions = {0,
                                               1,
                                               (std::int64_t{1} << 31) - 1,
                                               std::int64_t{1} << 31,
                                               (std::int64_t{1} << 32) + 1,
                                               (std::int64_t{1} << 53) - 1,
                                               (std::int64_t{1} << 53) + 1,
                                               Position::kMax - 1,
                                               Position::kMax};
  const TopicPartition at = subject.Partition();
  const TestGroup group = subject.Group();
  for (const std::int64_t position : positions) {
    CAPTURE(position);
    CHECK(group.Commit(Advance(at, position)).Ok());
    CHECK(group.PositionOf(at) == position);
  }
}

void C04Order(Subject& subject) {
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  REQUIRE(group.Commit(Advance(at[2], 22)).Ok());
  REQUIRE(group.Commit(Advance(at[0], 20)).Ok());
  const auto reads =
      group.store().Fetch(group.name(), Selection{{at[2], at[1], at[0]}, {}}, Soon());
  REQUIRE(reads.has_value());
  REQUIRE(reads->size() == 3);
  CHECK((*reads)[0].at == at[2]);
  CHECK(PositionIn((*reads)[0].slot) == 22);
  CHECK((*reads)[1].at == at[1]);
  CHECK(PositionIn((*reads)[1].slot) == std::nullopt);
  CHECK((*reads)[2].at == at[0]);
  CHECK(PositionIn((*reads)[2].slot) == 20);
}

void C04Sorted(Subject& subject) {
  std::vector<TopicPartition> sorted;
  for (const char* topic : {"contract-a", "contract-b"}) {
    for (const std::int32_t partition : {0, 2, 10}) sorted.push_back({topic, partition});
  }
  std::vector<TopicPartition> every;
  for (const char* topic : {"contract-a", "contract-b"}) {
    for (const auto& at : PartitionsOf(topic, 11)) every.push_back(at);
  }
  subject.storage.Prepare(every);
  const TestGroup group = subject.Group();
  std::vector<Move> moves;
  for (const auto& at : sorted) moves.insert(moves.begin(), Advance(at, at.partition));
  for (const auto& answer : group.CommitAll(moves)) REQUIRE(answer == OutcomeCode::kApplied);

  std::vector<TopicPartition> all;
  for (const auto& read : group.All()) all.push_back(read.at);
  CHECK(all == sorted);
  const auto one = group.store().Fetch(group.name(), Selection{{}, {"contract-b"}}, Soon());
  REQUIRE(one.has_value());
  all.clear();
  for (const auto& read : *one) all.push_back(read.at);
  CHECK(all == std::vector<TopicPartition>(sorted.begin() + 3, sorted.end()));
}

void C05CreatesNothing(Subject& subject) {
  const auto at = subject.Partitions(2);
  const TestGroup group = subject.Group();
  CHECK(group.PositionOf(at[0]) == std::nullopt);
  CHECK(group.All().empty());
  if (subject.can().lists_groups) CHECK_FALSE(group.IsListed());
  subject.Reopen();
  const TestGroup later = group.In(*subject.store);
  CHECK(later.All().empty());
  REQUIRE(later.Commit(Advance(at[1], 1)).Ok());
  CHECK(later.All().size() == 1);
}

void C07Unreadable(Subject& subject) {
  const auto at = subject.Partitions(3);
  const TestGroup group = subject.Group();
  for (const auto& one : at) REQUIRE(group.Commit(Advance(one, 5)).Ok());
  REQUIRE(subject.store->Close(Soon()));
  subject.store.reset();
  const bool damaged = subject.storage.DamageOne(group.name(), at[1]);
  subject.store = subject.Open();
  const TestGroup later = group.In(*subject.store);
  CHECK(later.PositionOf(at[0]) == 5);
  CHECK(later.PositionOf(at[2]) == 5);
  if (!damaged) return;  // All three are readable: nothing of this store can go bad alone.
  CHECK(std::holds_alternative<Error>(later.ReadOf(at[1]).slot));
  const auto all = later.All();
  REQUIRE(all.size() == 3);
  CHECK(std::holds_alternative<Error>(all[1].slot));

  const std::vector<Move> moves = {Advance(at[0], 6), Advance(at[1], 6)};
  const auto answers = later.CommitAll(moves);
  CHECK(answers[0] == OutcomeCode::kApplied);
  CHECK_FALSE(answers[1].Ok());
  if (subject.can().conditional_commits) {
    // Taken for absent, it would start again and lose or repeat everything.
    CHECK_FALSE(later.Commit(Advance(at[1], 0, {}, From(Absent{}))).Ok());
  }
  CHECK(std::holds_alternative<Error>(later.ReadOf(at[1]).slot));
}

}  // namespace offsetstore::testing::cases
