// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once from topic to topic on a real Kafka: what is in the topic of results is counted by a
// reader of its own.
#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include "piper.h"
#include "rdkafka/log_range.h"

namespace offsetstore::testing {
namespace {

/// The run ended by itself; the next member finishes, and every result is there once.
void CheckFinishedByNext(const Pipe& pipe) {
  Piper next(pipe, pipe.For("a"));
  CHECK_MESSAGE(pipe.IsDoneOnce(), next.events().Text());
  CHECK(next.Stop());
  CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
}

TEST_CASE("results and positions are committed together, in batches of all partitions") {
  const Pipe pipe(3);
  std::atomic<std::size_t> largest = 0;
  Piper member(pipe, pipe.For("a"), [&](std::span<Record* const> records, Output& output) {
    largest = std::max<std::size_t>(largest, records.size());
    return WriteResults(pipe, records, output);
  });
  CHECK_MESSAGE(pipe.IsDoneOnce(), member.events().Text());
  CHECK(member.Stop());
  CHECK(largest == 64);
  CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
  CHECK(member.events().Count(EventKind::kRolledBack) == 0);
}

TEST_CASE("a handler that fails ends the run, and none of its results can be read") {
  const Pipe pipe(2);
  std::atomic<int> batches = 0;
  std::atomic<std::uint64_t> before = 0;  // A batch is as large as what had come by then.
  Piper member(pipe, pipe.For("a"), [&](std::span<Record* const> records, Output& output) {
    Status written = WriteResults(pipe, records, output);
    if (++batches == 3) return Status(MakeError(ErrorCode::kInternal, "no such customer"));
    before += records.size();
    return written;
  });
  const auto ended = member.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().message == "no such customer");
  CHECK(before > 0);
  CHECK(pipe.Results().rows == before);
  CHECK(pipe.Positions() == static_cast<std::int64_t>(before));
  CheckFinishedByNext(pipe);
}

TEST_CASE("a handler that is tried again gets the same records, and their results count once") {
  const Pipe pipe(2);
  Config config = pipe.For("a");
  config["offsetstore.on.error"] = "retry";
  std::atomic<int> batches = 0;
  Piper member(pipe, config, [&](std::span<Record* const> records, Output& output) {
    Status written = WriteResults(pipe, records, output);
    return ++batches % 3 == 0 ? Status(MakeError(ErrorCode::kInternal, "try again")) : written;
  });
  CHECK_MESSAGE(pipe.IsDoneOnce(), member.events().Text());
  CHECK(member.Stop());
  CHECK(member.events().Count(EventKind::kRolledBack) > 0);
}

TEST_CASE("a result that cannot be written ends the run, also where the handler hides it") {
  const Pipe pipe(1);
  Config config = pipe.For("a");
  // How long librdkafka waits for a new topic to appear.
  config["topic.metadata.propagation.max.ms"] = "500";
  OutputRecord bad{.topic = pipe.output.name(), .value = "x"};
  std::string large;
  std::string reason;
  SUBCASE("no such topic") {
    bad.topic = "there-is-no-such-topic";
    reason = "there-is-no-such-topic";
  }
  SUBCASE("no such partition") {
    bad.partition = 99;
    reason = pipe.output.name();
  }
  SUBCASE("too large") {
    large.assign(2'000'000, 'x');
    bad.value = large;
    reason = pipe.output.name();
  }
  Piper member(pipe, config, [&](std::span<Record* const> records, Output& output) {
    static_cast<void>(output.Produce(bad));
    return WriteResults(pipe, records, output);
  });
  const auto ended = member.Ended();
  REQUIRE_MESSAGE(ended, member.events().Text());
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().code == ErrorCode::kInvalidArgument);
  CHECK_MESSAGE(ended->error().message.find(reason) != std::string::npos, ended->error().message);
  CHECK(pipe.Results().rows == 0);
  CheckFinishedByNext(pipe);
}

/// Begins as the producer of that id, which fences whoever had it.
void TakeTransactionalId(const std::string& id) {
  rdkafka::Conf conf;
  REQUIRE(conf.Set("transactional.id", id));
  const auto producer = NewHandle(RD_KAFKA_PRODUCER, KafkaBrokers(), std::move(conf));
  REQUIRE(rd_kafka_init_transactions(producer->get(), 20'000) == nullptr);
}

TEST_CASE("a zombie is fenced by the next producer of its transactional.id, and ends") {
  const Pipe pipe(2);
  std::atomic<int> batches = 0;
  std::atomic<std::uint64_t> before = 0;
  Piper zombie(pipe, pipe.For("a"), [&](std::span<Record* const> records, Output& output) {
    Status written = WriteResults(pipe, records, output);
    if (++batches < 3) before += records.size();
    if (batches == 3) TakeTransactionalId(pipe.group + "a");
    return written;
  });
  const auto ended = zombie.Ended();
  REQUIRE_MESSAGE(ended, zombie.events().Text());
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().code == ErrorCode::kFenced);
  CHECK(ended->error().message.find("transactional.id") != std::string::npos);
  CHECK(batches == 3);
  CHECK(pipe.Results().rows == before);
  CheckFinishedByNext(pipe);
}

/// Where readers with that isolation see the ends of the topic's partitions, summed up.
std::int64_t EndOf(const Topic& topic, const std::string& isolation) {
  rdkafka::Conf conf;
  REQUIRE(conf.Set("isolation.level", isolation));
  const auto reader = NewHandle(RD_KAFKA_CONSUMER, KafkaBrokers(), std::move(conf));
  std::vector<TopicPartition> all;
  for (int i = 0; i < Pipe::kOutputs; ++i) all.push_back(topic.At(i));
  std::int64_t sum = 0;
  for (const auto& ends :
       rdkafka::LogRange(reader->get(), all, Deadline::After(std::chrono::seconds(10)))) {
    REQUIRE(ends);
    sum += ends->end.value();
  }
  return sum;
}

TEST_CASE(
    "a producer whose transaction the brokers ended gets a successor, and the batch goes on") {
  const Pipe pipe(2);
  Config config = pipe.For("a");
  config["transaction.timeout.ms"] = "1000";
  config["message.timeout.ms"] = "1000";
  std::atomic<int> batches = 0;
  Piper member(pipe, config, [&](std::span<Record* const> records, Output& output) -> Status {
    const std::int64_t before = EndOf(pipe.output, "read_uncommitted");
    Status written = WriteResults(pipe, records, output);
    if (!written || ++batches != 3) return written;
    // The records came, and then the marker that aborts them.
    const bool is_aborted = Eventually([&] {
      const std::int64_t end = EndOf(pipe.output, "read_committed");
      return end > before && end == EndOf(pipe.output, "read_uncommitted");
    });
    if (!is_aborted) return MakeError(ErrorCode::kInternal, "the brokers do not end it");
    return {};
  });
  CHECK_MESSAGE(pipe.IsDoneOnce(), member.events().Text());
  CHECK(member.Stop());
  const auto told = member.events().Wait(EventKind::kRolledBack);
  REQUIRE(told);
  CHECK_MESSAGE(told->text.find("transaction.timeout.ms") != std::string::npos, told->text);
}

void CheckRebalances(const std::string& strategy) {
  const Pipe pipe(4);
  const auto config = [&](const std::string& id) {
    Config one = pipe.For(id);
    if (!strategy.empty()) one["partition.assignment.strategy"] = strategy;
    one["offsetstore.batch.records"] = "20";
    return one;
  };
  Piper first(pipe, config("a"));
  REQUIRE(first.events().Wait(EventKind::kCommitted));
  {
    Piper second(pipe, config("b"));
    CHECK(Eventually([&] { return first.Partitions() == 2 && second.Partitions() == 2; }));
    CHECK_MESSAGE(second.events().Wait(EventKind::kRestored), second.events().Text());
    CHECK(second.Stop());
  }
  CHECK(Eventually([&] { return first.Partitions() == 4; }));
  CHECK_MESSAGE(pipe.IsDoneOnce(), first.events().Text());
  CHECK(first.Stop());
  CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
}

TEST_CASE("members that come and go: every result once, eager") {
  CheckRebalances("range");
}

TEST_CASE("members that come and go: every result once, cooperative") {
  CheckRebalances("cooperative-sticky");
}

/// The records that members took in hand.
class InHand {
 public:
  void Add(std::span<Record* const> records) {
    const std::lock_guard lock(mutex_);
    for (const Record* record : records) records_.emplace(record->partition(), record->offset());
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::pair<int, std::int64_t>> records_;
};

TEST_CASE("a batch that outlives its partitions' revocation is refused by the group") {
  const Pipe pipe(2);
  Config config = pipe.For("a");
  config["offsetstore.drain.timeout"] = "300ms";
  config["offsetstore.batch.records"] = std::to_string(pipe.total());
  config["offsetstore.batch.interval"] = "1s";
  config["offsetstore.on.error"] = "retry";
  InHand others;
  std::atomic<bool> waits = false;
  Piper slow(pipe, config, [&](std::span<Record* const> records, Output& output) -> Status {
    Status written = WriteResults(pipe, records, output);
    if (waits) return written;
    // All there is, so that the other member is given records of this batch.
    if (records.size() < pipe.total()) return MakeError(ErrorCode::kInternal, "not all yet");
    waits = true;
    const bool is_done = Eventually([&] { return others.size() == Pipe::kRecords; });
    return is_done ? written : Status(MakeError(ErrorCode::kInternal, "nobody took over"));
  });
  REQUIRE(Eventually([&] { return waits.load(); }));
  Piper other(pipe, pipe.For("b"), [&](std::span<Record* const> records, Output& output) {
    others.Add(records);
    return WriteResults(pipe, records, output);
  });
  CHECK_MESSAGE(pipe.IsDoneOnce(), (slow.events().Text() + other.events().Text()));
  CHECK(other.Stop());
  CHECK(slow.Stop());
  CHECK(slow.events().Text().find("nobody took over") == std::string::npos);
  CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
}

TEST_CASE("a handler that outlasts max.poll.interval.ms keeps its partitions, and counts once") {
  const Pipe pipe(1);
  Config config = pipe.For("a");
  // Long enough for a machine whose threads wait for each other: this is about the handler.
  config["session.timeout.ms"] = "5000";
  config["max.poll.interval.ms"] = "5000";
  config["offsetstore.drain.timeout"] = "1s";
  std::atomic<int> batches = 0;
  Piper slow(pipe, config, [&](std::span<Record* const> records, Output& output) {
    const auto begin = std::chrono::steady_clock::now();
    const auto outlasted = [&] {
      return std::chrono::steady_clock::now() - begin > std::chrono::seconds(7);
    };
    if (++batches == 2) CHECK(Eventually(outlasted));
    return WriteResults(pipe, records, output);
  });
  CHECK_MESSAGE(pipe.IsDoneOnce(), slow.events().Text());
  CHECK(slow.Stop());
  CHECK(slow.events().Count(EventKind::kLost) == 0);
  CHECK(slow.events().Count(EventKind::kRolledBack) == 0);
  CHECK(pipe.Positions() == static_cast<std::int64_t>(pipe.total()));
}

}  // namespace
}  // namespace offsetstore::testing
