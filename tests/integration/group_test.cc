// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Members that come and go, under each protocol.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "rig.h"

namespace offsetstore::testing {
namespace {

constexpr int kGroupPartitions = 4;
constexpr int kGroupRecords = 300;

/// All offsets that two members handled of a partition, sorted; repeats stay.
std::vector<std::int64_t> Together(const Member& one, const Member& two, const TopicPartition& at) {
  std::vector<std::int64_t> all = one.Handled()[at];
  const std::vector<std::int64_t> more = two.Handled()[at];
  all.insert(all.end(), more.begin(), more.end());
  std::ranges::sort(all);
  return all;
}

/// A second member takes half, gives it back by leaving: every record once, since every change of
/// owner drains and commits.
void CheckComeAndGo(const std::string& protocol, const std::string& uri) {
  Topic topic(kGroupPartitions);
  const Config config = Grouped(Basic(UniqueGroup(), uri), topic, protocol);
  topic.Fill(kGroupRecords);
  Member first(config);
  REQUIRE_MESSAGE(first.WaitForCount(kGroupPartitions * kGroupRecords), first.events().Text());
  {
    Member second(config);
    const auto shared = [&] { return first.Active() == 2 && second.Active() == 2; };
    REQUIRE_MESSAGE(Eventually(shared), first.events().Text() << "---\n" << second.events().Text());
    topic.Fill(kGroupRecords);
    REQUIRE(Eventually(
        [&] { return first.Count() + second.Count() >= 2 * kGroupPartitions * kGroupRecords; }));
    CHECK(second.Count() == 2 * kGroupRecords);
    REQUIRE(second.Stop());
    REQUIRE_MESSAGE(Eventually([&] { return first.Active() == kGroupPartitions; }),
                    first.events().Text());
    topic.Fill(kGroupRecords);
    REQUIRE(Eventually(
        [&] { return first.Count() + second.Count() >= 3 * kGroupPartitions * kGroupRecords; }));
    for (int i = 0; i < kGroupPartitions; ++i) {
      CHECK(Together(first, second, topic.At(i)) == Sequence(0, 3 * kGroupRecords));
    }
  }
  CHECK(first.WaitForEnd());
  CHECK_MESSAGE(first.events().Count(EventKind::kFenced) == 0, first.events().Text());
  REQUIRE(first.Stop());
}

TEST_CASE("members come and go in an eager group, positions in files") {
  const TempDir dir;
  CheckComeAndGo("range", FileUri(dir));
}

TEST_CASE("members come and go in a cooperative group, positions in SQLite") {
  const TempDir dir;
  CheckComeAndGo("cooperative-sticky", SqliteUri(dir));
}

TEST_CASE("members come and go in an eager group, positions in Kafka") {
  CheckComeAndGo("range", "kafka:");
}

TEST_CASE("members come and go in a cooperative group, positions in Kafka") {
  CheckComeAndGo("cooperative-sticky", "kafka:");
}

bool KnowsNewProtocol() {
  return rdkafka::Conf().Set("group.protocol", "consumer").has_value();
}

TEST_CASE("members come and go under the new protocol, positions in files") {
  if (!KnowsNewProtocol()) {
    MESSAGE("this librdkafka does not know group.protocol");
    return;
  }
  const TempDir dir;
  CheckComeAndGo("consumer", FileUri(dir));
}

TEST_CASE("members come and go under the new protocol, positions in Kafka") {
  if (!KnowsNewProtocol()) {
    MESSAGE("this librdkafka does not know group.protocol");
    return;
  }
  CheckComeAndGo("consumer", "kafka:");
}

/// A revocation waits for the record in work: the next owner does not see it again.
void CheckDrain(const std::string& protocol) {
  const TempDir dir;
  Topic topic(2);
  const Config config = Grouped(Basic(UniqueGroup(), FileUri(dir)), topic, protocol);
  std::atomic<int> working = 0;
  std::atomic<bool> go_on = false;
  topic.Fill(5);
  Config two_workers = config;
  two_workers["offsetstore.workers"] = "2";
  Member first(two_workers, [&](Record&) -> Status {
    ++working;
    if (!Eventually([&] { return go_on.load(); })) return MakeError(ErrorCode::kInternal, "late");
    return {};
  });
  REQUIRE(Eventually([&] { return working == 2; }));
  Member second(config);
  const auto revoking = [&] {
    const ConsumerState state = first.State();
    return std::ranges::any_of(state.partitions, [](const auto& one) {
      return one.state.phase == PartitionState::Phase::kRevoking;
    });
  };
  REQUIRE_MESSAGE(Eventually(revoking), first.events().Text());
  CHECK(second.Count() == 0);
  go_on = true;
  REQUIRE(Eventually([&] { return first.Count() + second.Count() >= 10; }));
  for (int i = 0; i < 2; ++i) CHECK(Together(first, second, topic.At(i)) == Sequence(0, 5));
}

TEST_CASE("a revocation waits for the record in work, eager") {
  CheckDrain("range");
}
TEST_CASE("a revocation waits for the record in work, cooperative") {
  CheckDrain("cooperative-sticky");
}

TEST_CASE("a slow handler keeps its partitions: polling goes on beside it") {
  const TempDir dir;
  Topic topic(1);
  Config config = Grouped(Basic(UniqueGroup(), FileUri(dir)), topic, "range");
  config["max.poll.interval.ms"] = "1500";
  config["offsetstore.drain.timeout"] = "1s";
  topic.Fill(3);
  std::atomic<bool> go_on = false;
  Member member(config, [&](Record& record) -> Status {
    if (record.offset() == 1 && !Eventually([&] { return go_on.load(); })) {
      return MakeError(ErrorCode::kInternal, "late");
    }
    return {};
  });
  REQUIRE(member.WaitForCount(1));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(Eventually(
      [&] { return std::chrono::steady_clock::now() - begin > std::chrono::seconds(4); }));
  CHECK(member.events().Count(EventKind::kLost) == 0);
  go_on = true;
  REQUIRE(member.WaitForCount(3));
  CHECK(member.Handled()[topic.At(0)] == Sequence(0, 3));
  REQUIRE(member.Stop());
}

TEST_CASE("a partition that appears later is read from its first record, whatever the start") {
  const TempDir dir;
  Topic topic(1);
  Config config = Grouped(Basic(UniqueGroup(), FileUri(dir)), topic, "cooperative-sticky");
  config["offsetstore.start"] = "latest";
  config["topic.metadata.refresh.interval.ms"] = "500";
  topic.Fill(10);
  Member member(config);
  REQUIRE(Eventually([&] { return member.Active() == 1; }));
  REQUIRE(member.WaitForEnd());
  topic.Grow(2);
  topic.Fill(10);
  REQUIRE_MESSAGE(member.WaitForCount(20), member.events().Text());
  CHECK(member.Handled()[topic.At(0)] == Sequence(10, 20));
  CHECK(member.Handled()[topic.At(1)] == Sequence(0, 10));
  REQUIRE(member.Stop());
}

TEST_CASE("Poll says that partitions are revoked, and what is done by then is kept") {
  const TempDir dir;
  Topic topic(2);
  Config config = Grouped(Basic(UniqueGroup(), FileUri(dir)), topic, "range");
  topic.Fill(5);
  auto first = Consumer::Open(ToProperties(config));
  REQUIRE(first);
  int read = 0;
  std::unique_ptr<Record> held;
  std::optional<Member> second;
  std::optional<Revoking> revoking;
  const auto step = [&] {
    auto polled = (*first)->Poll(std::chrono::milliseconds(50));
    REQUIRE(polled);
    if (auto* record = std::get_if<std::unique_ptr<Record>>(&*polled)) {
      if (++read == 10) {
        held = std::move(*record);
      } else {
        (*record)->Done();
      }
    }
    if (read == 10 && !second) second.emplace(config);
    if (const auto* revoked = std::get_if<Revoking>(&*polled)) revoking = *revoked;
    return revoking.has_value();
  };
  REQUIRE(Eventually(step));
  CHECK(revoking->partitions.size() == 2);
  CHECK(held->Held());
  // The held record counts as not processed: this does not wait for ourselves.
  REQUIRE((*first)->Poll(std::chrono::milliseconds(1)));
  CHECK_FALSE(held->Held());
  held->Done();
  // Somebody reads it again: the second member, or we.
  std::vector<std::int64_t> again;
  REQUIRE(Eventually([&] {
    auto polled = (*first)->Poll(std::chrono::milliseconds(50));
    REQUIRE(polled);
    if (auto* record = std::get_if<std::unique_ptr<Record>>(&*polled)) {
      again.push_back((*record)->offset());
      (*record)->Done();
    }
    return again.size() + second->Count() >= 1;
  }));
  for (const auto& [at, offsets] : second->Handled())
    again.insert(again.end(), offsets.begin(), offsets.end());
  CHECK(again == std::vector<std::int64_t>{4});
  REQUIRE((*first)->Close(Deadline::After(std::chrono::seconds(20))));
}

}  // namespace
}  // namespace offsetstore::testing
