// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The state of consumers as a scrape shows it.
#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "exposed.h"

namespace offsetstore::testing {
namespace {

using Phase = PartitionState::Phase;

ConsumerState::Partition Partition(std::int32_t number, Phase phase) {
  ConsumerState::Partition partition;
  partition.state.at = {"orders", number};
  partition.state.phase = phase;
  return partition;
}

/// 100 delivered, 90 committed, 4 in flight, 30 behind the end.
ConsumerState::Partition Busy(std::int32_t number) {
  ConsumerState::Partition partition = Partition(number, Phase::kActive);
  partition.state.delivered = Position(100);
  partition.state.committed = Position(90);
  partition.state.in_flight = 4;
  partition.lag = 30;
  return partition;
}

std::string Of(const std::string& metric, int partition, const std::string& group = "billing") {
  return "offsetstore_partition_" + metric + R"({group=")" + group +
         R"(",topic="orders",partition=")" + std::to_string(partition) + R"("})";
}

std::string Phases(const std::string& phase) {
  return R"(offsetstore_assigned_partitions{group="billing",phase=")" + phase + R"("})";
}

TEST_CASE("lag and what is not committed are shown per partition") {
  const Exposed exposed;
  ConsumerState state;
  state.partitions = {Busy(3), Partition(4, Phase::kParked)};
  state.late_done = 2;
  const auto watch = exposed.metrics->WatchConsumer("billing", [&] { return state; });
  const std::string text = exposed.Text();
  CHECK(SampleOf(text, Of("lag", 3)) == "30");
  CHECK(SampleOf(text, Of("uncommitted", 3)) == "10");
  CHECK(SampleOf(text, Of("in_flight", 3)) == "4");
  CHECK(SampleOf(text, Of("committed_position", 3)) == "90");
  CHECK(SampleOf(text, Of("parked", 3)) == "0");
  CHECK(SampleOf(text, Of("parked", 4)) == "1");
  // Not known yet, which is not 0.
  CHECK(SampleOf(text, Of("lag", 4)).empty());
  CHECK(SampleOf(text, Of("committed_position", 4)).empty());
  CHECK(SampleOf(text, Phases("active")) == "1");
  CHECK(SampleOf(text, Phases("parked")) == "1");
  CHECK(SampleOf(text, Phases("fenced")) == "0");
  CHECK(SampleOf(text, "offsetstore_store_up{group=\"billing\"}") == "1");
  CHECK(SampleOf(text, "offsetstore_late_done_total{group=\"billing\"}") == "2");
}

TEST_CASE("a position that was moved past what was delivered is not uncommitted") {
  const Exposed exposed;
  ConsumerState state;
  state.partitions = {Busy(0), Busy(1)};
  state.partitions[0].state.committed = Position(500);
  state.partitions[1].state.delivered.reset();
  const auto watch = exposed.metrics->WatchConsumer("billing", [&] { return state; });
  CHECK(exposed.Value(Of("uncommitted", 0)) == "0");
  CHECK(exposed.Value(Of("uncommitted", 1)) == "0");
}

TEST_CASE("the end of a watch takes its series away") {
  const Exposed exposed;
  auto watch = exposed.metrics->WatchConsumer("billing", [] { return ConsumerState{}; });
  CHECK(exposed.Value("offsetstore_store_up{group=\"billing\"}") == "1");
  watch.reset();
  CHECK(exposed.Text().find("offsetstore_store_up") == std::string::npos);
}

TEST_CASE("two consumers of a group are shown as one, each partition by its holder") {
  const Exposed exposed;
  ConsumerState one;
  one.partitions = {Busy(0), Partition(1, Phase::kParked)};
  ConsumerState two;
  two.partitions = {Partition(0, Phase::kParked), Busy(1)};
  two.store_up = false;
  const auto first = exposed.metrics->WatchConsumer("billing", [&] { return one; });
  const auto second = exposed.metrics->WatchConsumer("billing", [&] { return two; });
  const auto other = exposed.metrics->WatchConsumer("audit", [&] { return one; });
  const std::string text = exposed.Text();
  for (const int partition : {0, 1}) {
    CHECK(SampleOf(text, Of("lag", partition)) == "30");
    CHECK(SampleOf(text, Of("parked", partition)) == "0");
    // A series that stands twice spoils the whole page.
    const std::string series = Of("parked", partition);
    CHECK(text.find(series) == text.rfind(series));
  }
  CHECK(SampleOf(text, Phases("active")) == "2");
  CHECK(SampleOf(text, "offsetstore_store_up{group=\"billing\"}") == "0");
  CHECK(SampleOf(text, "offsetstore_store_up{group=\"audit\"}") == "1");
  CHECK(SampleOf(text, Of("parked", 1, "audit")) == "1");
}

TEST_CASE("a session of one's own is shown without a lag") {
  const Exposed exposed;
  Snapshot snapshot;
  snapshot.store_up = false;
  snapshot.partitions = {Busy(3).state};
  const auto watch = exposed.metrics->WatchSession("billing", [&] { return snapshot; });
  CHECK(exposed.Value(Of("uncommitted", 3)) == "10");
  CHECK(exposed.Value(Of("lag", 3)).empty());
  CHECK(exposed.Value("offsetstore_store_up{group=\"billing\"}") == "0");
}

TEST_CASE("the end of a watch waits for the scrape that asks its consumer") {
  const Exposed exposed;
  std::promise<void> asked;
  std::promise<void> answer;
  std::atomic<bool> gone{false};
  std::atomic<bool> asked_after{false};
  auto watch = exposed.metrics->WatchConsumer("billing", [&] {
    asked.set_value();
    answer.get_future().wait();
    asked_after = gone.load();
    return ConsumerState{};
  });
  auto scrape = std::async(std::launch::async, [&] { return exposed.Text(); });
  asked.get_future().wait();
  auto end = std::async(std::launch::async, [&] {
    watch.reset();
    gone = true;
  });
  // Without the wait the consumer would be gone by now, and the scrape still with it.
  CHECK(end.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  answer.set_value();
  end.wait();
  CHECK_FALSE(asked_after);
  CHECK(scrape.get().starts_with("HTTP/1.1 200 OK"));
}

}  // namespace
}  // namespace offsetstore::testing
