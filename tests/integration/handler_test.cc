// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What follows on what the handler does. Over librdkafka's mock cluster.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>

#include "mock_cluster.h"
#include "rig.h"

namespace offsetstore::testing {
namespace {

/// A cluster with one topic of filled partitions, and a store in files.
struct MockTopic {
  static constexpr int kRecords = 500;

  explicit MockTopic(int partitions) {
    cluster.CreateTopic("orders", partitions);
    for (int i = 0; i < partitions; ++i) Produce(cluster.brokers(), {"orders", i}, kRecords);
    config = Basic("g", FileUri(dir), cluster.brokers());
    config["assign"] = "orders:0-" + std::to_string(partitions - 1);
  }
  [[nodiscard]] std::optional<std::int64_t> StoredAt(int partition) const {
    const auto store = OpenBeside(FileUri(dir));
    return Stored(*store, "g", {"orders", partition});
  }

  TempDir dir;
  MockCluster cluster;
  Config config;
};

TEST_CASE("what a moved partition gives next waits for the call that is still in work") {
  MockTopic topic(1);
  const TopicPartition at{"orders", 0};
  topic.config["offsetstore.workers"] = "2";
  topic.config["offsetstore.claim.check"] = "100ms";
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  std::atomic<bool> moved = false;
  Member member(topic.config, [&](Record& record) -> Status {
    if (++inside > 1) overlapped = true;
    const bool fine = record.offset() != 5 || Eventually([&] { return moved.load(); });
    --inside;
    return fine ? Status() : MakeError(ErrorCode::kInternal, "late");
  });
  REQUIRE(member.WaitForCount(5));
  REQUIRE(OperatorSet(*OpenBeside(FileUri(topic.dir)), "g", at, 400).Ok());
  REQUIRE_MESSAGE(member.events().Wait(EventKind::kMoved), member.events().Text());
  // The next records are there, and a thread is free to take them.
  const auto delivered = [&] {
    const auto partitions = member.State().partitions;
    return !partitions.empty() && partitions[0].state.delivered == Position(MockTopic::kRecords);
  };
  REQUIRE(Eventually(delivered));
  moved = true;
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  CHECK_FALSE(overlapped);
  std::vector<std::int64_t> expected = Sequence(0, 6);
  const std::vector<std::int64_t> rest = Sequence(400, MockTopic::kRecords);
  expected.insert(expected.end(), rest.begin(), rest.end());
  CHECK(member.Handled()[at] == expected);
}

TEST_CASE("several workers keep the order of each partition") {
  MockTopic topic(8);
  topic.config["offsetstore.workers"] = "4";
  std::mutex mutex;
  std::set<std::thread::id> threads;
  Member member(topic.config, [&](Record& record) -> Status {
    CHECK(record.Held());
    const auto others = [&] {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
      return threads.size() > 1;
    };
    // The first thread waits for a second one.
    return Eventually(others) ? Status() : MakeError(ErrorCode::kInternal, "one thread only");
  });
  REQUIRE(member.WaitForCount(std::size_t{8} * MockTopic::kRecords));
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  for (int i = 0; i < 8; ++i)
    CHECK(member.Handled()[{"orders", i}] == Sequence(0, MockTopic::kRecords));
  CHECK(threads.size() > 1);
}

TEST_CASE("a record shows what was written") {
  MockTopic topic(1);
  std::atomic<int> wrong = 0;
  Member member(topic.config, [&](Record& record) -> Status {
    const bool right = record.topic() == "orders" && record.partition() == 0 &&
                       record.value() == "record" && !record.key() && record.timestamp() &&
                       record.headers().empty();
    if (!right) ++wrong;
    return {};
  });
  REQUIRE(member.WaitForCount(MockTopic::kRecords));
  CHECK(wrong == 0);
}

TEST_CASE("an error of the handler ends Run, and nothing is committed past its record") {
  MockTopic topic(2);
  Member member(topic.config, [](Record& record) -> Status {
    if (record.partition() == 1 && record.offset() == 100) {
      return MakeError(ErrorCode::kInternal, "no such customer");
    }
    return {};
  });
  const auto ended = member.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().message == "no such customer");
  CHECK(ToString(ended->error()).find("offset=100") != std::string::npos);
  CHECK(topic.StoredAt(1) == 100);
}

TEST_CASE("an exception of the handler ends Run with its text") {
  MockTopic topic(1);
  Member member(topic.config, [](Record& record) -> Status {
    if (record.offset() == 7) throw std::runtime_error("boom");
    return {};
  });
  const auto ended = member.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().message == "the handler threw: boom");
  CHECK(topic.StoredAt(0) == 7);
}

TEST_CASE("something thrown that is no exception ends Run too") {
  MockTopic topic(1);
  Member member(topic.config, [](Record& record) -> Status {
    if (record.offset() == 7) throw 42;
    return {};
  });
  const auto ended = member.Ended();
  REQUIRE(ended);
  CHECK_FALSE(*ended);
  CHECK(topic.StoredAt(0) == 7);
}

TEST_CASE("skip gives the record up with an event and goes on") {
  MockTopic topic(1);
  topic.config["offsetstore.on.error"] = "skip";
  Member member(topic.config, [](Record& record) -> Status {
    if (record.offset() == 7) return MakeError(ErrorCode::kInternal, "bad record");
    return {};
  });
  REQUIRE(member.WaitForCount(MockTopic::kRecords - 1));
  const auto skipped = member.events().Wait(EventKind::kSkipped);
  REQUIRE(skipped);
  CHECK(skipped->at == TopicPartition{"orders", 0});
  CHECK(skipped->position == Position(7));
  CHECK(skipped->text.find("bad record") != std::string::npos);
  REQUIRE(member.Stop());
  CHECK(topic.StoredAt(0) == MockTopic::kRecords);
}

TEST_CASE("retry tries the record again, in order, while other partitions go on") {
  MockTopic topic(2);
  topic.config["offsetstore.on.error"] = "retry";
  topic.config["offsetstore.on.error.backoff"] = "5ms";
  topic.config["offsetstore.on.error.backoff.max"] = "20ms";
  std::atomic<int> failures = 0;
  std::atomic<bool> cured = false;
  Member member(topic.config, [&](Record& record) -> Status {
    if (record.partition() == 1 && record.offset() == 7 && !cured) {
      ++failures;
      return MakeError(ErrorCode::kUnavailable, "later");
    }
    return {};
  });
  // The one worker is not held up by the partition that waits.
  REQUIRE(member.WaitForCount(MockTopic::kRecords + 7));
  REQUIRE(Eventually([&] { return failures >= 4; }));
  CHECK(member.Handled()[{"orders", 0}] == Sequence(0, MockTopic::kRecords));
  CHECK(member.Handled()[{"orders", 1}] == Sequence(0, 7));
  cured = true;
  REQUIRE(member.WaitForCount(std::size_t{2} * MockTopic::kRecords));
  CHECK(member.Handled()[{"orders", 1}] == Sequence(0, MockTopic::kRecords));
  CHECK(member.events().Count(EventKind::kRetried) == static_cast<std::size_t>(failures));
  REQUIRE(member.Stop());
}

TEST_CASE("Run ends while a record is retried, and nothing is committed past it") {
  MockTopic topic(1);
  topic.config["offsetstore.on.error"] = "retry";
  topic.config["offsetstore.on.error.backoff"] = "30s";
  Member member(topic.config, [](Record& record) -> Status {
    if (record.offset() == 7) return MakeError(ErrorCode::kUnavailable, "never");
    return {};
  });
  REQUIRE(member.events().Wait(EventKind::kRetried));
  REQUIRE(member.Stop());
  CHECK(topic.StoredAt(0) == 7);
}

TEST_CASE("the end waits for the record in work and commits it") {
  MockTopic topic(1);
  std::atomic<bool> working = false;
  std::atomic<bool> go_on = false;
  Member member(topic.config, [&](Record& record) -> Status {
    if (record.offset() == 7) {
      working = true;
      if (!Eventually([&] { return go_on.load(); })) return MakeError(ErrorCode::kInternal, "late");
    }
    return {};
  });
  REQUIRE(Eventually([&] { return working.load(); }));
  std::jthread helper([&] {
    static_cast<void>(Eventually([&] {
      // Once the end was asked for nothing new is begun.
      const ConsumerState state = member.State();
      return std::ranges::any_of(state.partitions, [](const auto& one) {
        return one.state.phase == PartitionState::Phase::kRevoking;
      });
    }));
    go_on = true;
  });
  REQUIRE(member.Stop());
  CHECK(topic.StoredAt(0) == 8);
}

TEST_CASE("a full window pauses the partition and loses nothing") {
  MockTopic topic(1);
  topic.config["offsetstore.max.uncommitted"] = "64";
  std::atomic<bool> go_on = false;
  Member member(topic.config, [&](Record&) -> Status {
    if (!Eventually([&] { return go_on.load(); })) return MakeError(ErrorCode::kInternal, "late");
    return {};
  });
  REQUIRE(member.events().Wait(EventKind::kFull));
  CHECK(member.State().partitions.at(0).state.in_flight <= 64);
  go_on = true;
  REQUIRE_MESSAGE(member.WaitForCount(MockTopic::kRecords), member.events().Text());
  CHECK(member.Handled()[{"orders", 0}] == Sequence(0, MockTopic::kRecords));
  REQUIRE(member.Stop());
  CHECK(topic.StoredAt(0) == MockTopic::kRecords);
}

TEST_CASE("a small queue pauses everything and loses nothing") {
  MockTopic topic(3);
  // One KiB: a few records fill it.
  topic.config["queued.max.messages.kbytes"] = "1";
  Member member(topic.config);
  REQUIRE_MESSAGE(member.WaitForCount(std::size_t{3} * MockTopic::kRecords),
                  member.events().Text());
  for (int i = 0; i < 3; ++i)
    CHECK(member.Handled()[{"orders", i}] == Sequence(0, MockTopic::kRecords));
  REQUIRE(member.Stop());
}

}  // namespace
}  // namespace offsetstore::testing
