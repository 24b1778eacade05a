// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mock_cluster.h"
#include "rdkafka/handle.h"

namespace offsetstore::rdkafka {
namespace {

using offsetstore::testing::MockCluster;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::unique_ptr<Handle> Join(const std::string& brokers, const std::string& group) {
  Conf conf;
  for (const auto& [key, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
        {"group.id", group},
        {"partition.assignment.strategy", "cooperative-sticky"}}) {
    if (!conf.Set(key, value)) throw std::runtime_error(key);
  }
  auto handle = Handle::Open(RD_KAFKA_CONSUMER, std::move(conf), RD_KAFKA_EVENT_REBALANCE);
  if (!handle) throw std::runtime_error(ToString(handle.error()));
  const std::unique_ptr<rd_kafka_topic_partition_list_t,
                        decltype(&rd_kafka_topic_partition_list_destroy)>
      topics(rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(topics.get(), "orders", RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe((*handle)->get(), topics.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("subscribe");
  }
  return *std::move(handle);
}

/// Lives for that long as a member, then leaves. Empty: it could.
std::string LiveFor(Duration life, const std::string& brokers, const std::string& group) {
  const std::unique_ptr<Handle> handle = Join(brokers, group);
  const Deadline end = Deadline::After(life);
  {
    Queue queue = Queue::OfConsumer(handle->get());
    while (!end.Passed()) {
      const Event event = queue.PollUntil(end);
      if (event == nullptr) break;
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) continue;
      handle->NoteAssigned();
      UnassignAll(handle->get(), event.get());
    }
  }
  const Status closed = handle->Close(Deadline::After(seconds(20)));
  return closed ? std::string() : ToString(closed.error());
}

TEST_CASE("a cooperative-sticky member that closes at any moment of its join ends no process") {
  MockCluster cluster;
  cluster.CreateTopic("orders", 1);
  // Slow answers, so that each step of the join lasts long enough to be met.
  cluster.Delay(milliseconds(200));
  constexpr std::size_t kMembers = 60;
  std::vector<std::string> failures(kMembers);
  std::vector<std::thread> members;
  for (std::size_t i = 0; i < kMembers; ++i) {
    members.emplace_back([&, i] {
      failures[i] = LiveFor(milliseconds(120 * i), cluster.brokers(), "close-" + std::to_string(i));
    });
  }
  for (std::thread& member : members) member.join();
  for (const std::string& failure : failures) CHECK(failure == "");
}

}  // namespace
}  // namespace offsetstore::rdkafka
