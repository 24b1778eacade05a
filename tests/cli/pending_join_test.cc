// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// A member whose join is not answered, since the group waits for another one.
#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "offsetstore/types.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

constexpr int kRecords = 50;

/// `GroupState` of the broker: `Stable`, `PreparingRebalance`.
std::string StateOf(rd_kafka_t* handle, const std::string& group) {
  const struct rd_kafka_group_list* groups = nullptr;
  if (rd_kafka_list_groups(handle, group.c_str(), &groups, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return "unknown";
  }
  std::string state = groups->group_cnt == 1 ? groups->groups[0].state : "none";
  rd_kafka_group_list_destroy(groups);
  return state;
}

/// Each once, however often it came.
std::size_t RecordsIn(const std::string& out) {
  const std::vector<std::string> lines = Lines(out);
  return std::set<std::string>(lines.begin(), lines.end()).size();
}

TEST_CASE("Ctrl-C while the group lets nobody in ends consume, tells, and the group goes on") {
  const std::string brokers = KafkaBrokers();
  const TempDir folder;
  const std::string topic = "pending-" + Nonce::Random().Hex();
  const auto handle = NewHandle(RD_KAFKA_CONSUMER, brokers);
  const std::vector<TopicPartition> partitions = {{topic, 0}, {topic, 1}};
  EnsureTopics(brokers, partitions);
  for (const TopicPartition& at : partitions) Produce(brokers, at, kRecords);
  const std::string config = (folder / "c.properties").string();
  WriteFile(config,
            "bootstrap.servers=" + brokers + "\ngroup.id=" + topic +
                "\noffsetstore.start=earliest\noffsetstore.uri=kafka:\n");
  const auto consume = [&](const std::string& session) {
    return Words{"consume",
                 "--config",
                 config,
                 "--topic",
                 topic,
                 "--format",
                 "%p %o\\n",
                 "--set",
                 "session.timeout.ms=" + session,
                 "--set",
                 "heartbeat.interval.ms=300"};
  };
  Running member(consume("300000"));
  REQUIRE(Eventually([&] { return RecordsIn(member.Out()) == 2 * kRecords; }));
  // It sends no heartbeat and does not rejoin; the coordinator waits for it until its session ends.
  member.Signal(SIGSTOP);
  Running joining(consume("1000"));
  REQUIRE(Eventually([&] { return StateOf(handle->get(), topic) == "PreparingRebalance"; }));
  joining.Signal(SIGINT);
  const Ran ran = joining.Wait();
  INFO(ran.err);
  CHECK(ran.code == 130);
  CHECK(ran.out.empty());
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("could not leave its group in time; its session will expire by itself"));
  member.Signal(SIGCONT);
  for (const TopicPartition& at : partitions) Produce(brokers, at, kRecords);
  CHECK(Eventually([&] { return RecordsIn(member.Out()) == 4 * kRecords; }));
  member.Signal(SIGINT);
  CHECK(member.Wait().code == 130);
}

}  // namespace
}  // namespace offsetstore::testing
