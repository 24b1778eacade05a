// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// reset and lag against the real Kafka that tests/services/kafka.sh started.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "offsetstore/types.h"
#include "program.h"
#include "rdkafka/partition_list.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

/// A topic with 10 records in partition 0 and 4 in partition 1.
struct Logs {
  std::string brokers = KafkaBrokers();
  std::string uri = "kafka://" + brokers;
  std::string topic = "reset-" + Nonce::Random().Hex().substr(0, 12);
  std::string group = topic;

  Logs() {
    EnsureTopics(brokers, std::vector<TopicPartition>{{topic, 0}, {topic, 1}});
    Produce(brokers, {topic, 0}, 10);
    Produce(brokers, {topic, 1}, 4);
  }
  [[nodiscard]] Json Rows(Words words, int code = 0) const {
    words.insert(words.end(), {"--output", "json"});
    const Ran ran = Offsetctl(words);
    INFO(ran.err);
    REQUIRE(ran.code == code);
    return Json::parse(ran.out)["partitions"];
  }
  [[nodiscard]] Json Reset(Words words, int code = 0) const {
    words.insert(words.begin(), {"reset", uri, group});
    return Rows(words, code);
  }
};

TEST_CASE("reset of Kafka's own store: the log's ends, a time, a shift beyond them") {
  const Logs logs;
  Json rows = logs.Reset({"--topic", logs.topic, "--to-latest", "--execute"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["position"] == 10);
  CHECK(rows[0]["previous"].is_null());
  CHECK(rows[0]["outcome"] == "applied");
  CHECK(rows[1]["position"] == 4);
  rows = logs.Reset({"--shift-by", "-6", "--execute"});
  CHECK(rows[0]["position"] == 4);
  CHECK(rows[1]["position"] == 0);
  CHECK(rows[1]["note"] == "-2 is before the log's start: moved to 0");
  rows = logs.Reset({"--to-datetime", "now"});
  CHECK(rows[0]["position"] == 10);
  CHECK(rows[0]["note"] == "no record is that young: the log's end");
  rows = logs.Reset({"--by-duration", "PT1H"});
  CHECK(rows[0]["position"] == 0);
  rows =
      logs.Reset({"--to-current", "--topic", logs.topic + ":1", "--topic", logs.topic + ":7"}, 3);
  CHECK(rows[0]["outcome"] == "unchanged");
  CHECK(rows[1]["outcome"] == "refused");
  CHECK(rows[1]["error"].get<std::string>().find("has no partition 7") != std::string::npos);
}

TEST_CASE("a topic that is not there stops no other; alone it is refused") {
  const Logs logs;
  const Json rows = logs.Reset(
      {"--topic", "never-made-" + logs.topic, "--topic", logs.topic + ":0", "--to-earliest"}, 3);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["partition"].is_null());
  CHECK(rows[0]["error"].get<std::string>().find("there is no topic") != std::string::npos);
  CHECK(rows[1]["position"] == 0);
  CHECK(logs.Reset({"--topic", "never-made-" + logs.topic, "--to-earliest"}, 4).size() == 1);
}

TEST_CASE("a store elsewhere is reset by the logs of --brokers, and its lag shown") {
  const Logs logs;
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  const std::string other = logs.topic + ":1=2";
  REQUIRE(Offsetctl({"set", uri, "g", logs.topic + ":0=99", other, "--execute"}).code == 0);
  const Words lag = {"lag", uri, "g", "--brokers", logs.brokers};
  Json rows = logs.Rows(lag);
  CHECK(rows[0]["lag"] == 0);
  CHECK(rows[0]["note"] == "beyond the log's end");
  CHECK(rows[1]["lag"] == 2);
  CHECK(rows[1]["log_start"] == 0);
  CHECK(rows[1]["log_end"] == 4);
  rows = logs.Rows({"lag", uri, "--groups", "g", "--brokers", logs.brokers, "--sort", "lag"});
  CHECK(rows[0]["partition"] == 1);
  rows = logs.Rows({"get", uri, "g", "--brokers", logs.brokers, "--sort", "lag"});
  CHECK(rows[0]["lag"] == 2);
  CHECK(rows[1]["log_end"] == 10);
  CHECK(logs.Rows({"reset",
                   uri,
                   "g",
                   "--to-current",
                   "--brokers",
                   logs.brokers,
                   "--execute"})[0]["position"] == 10);
  CHECK(logs.Rows(lag)[0]["note"].is_null());
}

TEST_CASE("watch looks so many times, or until it is stopped") {
  const Logs logs;
  REQUIRE(Offsetctl({"set", logs.uri, logs.group, logs.topic + ":0=4", "--execute"}).code == 0);
  const Words watch = {"watch", logs.uri, logs.group, "--interval", "100ms"};
  Words twice = watch;
  twice.insert(twice.end(), {"--count", "2"});
  const Ran ran = Offsetctl(twice);
  CHECK(ran.code == 0);
  CHECK(Lines(ran.out).size() == 8);
  CHECK(Lines(ran.out)[0].ends_with("  every 100ms"));
  CHECK(Lines(ran.out)[6].find(logs.topic) != std::string::npos);
  Running running(watch);
  CHECK(Eventually([&] { return Lines(running.Out()).size() > 8; }));
  running.Signal(SIGINT);
  CHECK(running.Wait().code == 130);
  CHECK(Offsetctl({"watch", logs.uri, logs.group, "--interval", "1ms"}).code == 2);
  CHECK(Offsetctl({"watch", logs.uri, "--groups", "nobody"}).code == 2);
}

TEST_CASE("peek shows the records around a position, and marks it") {
  const Logs logs;
  const std::string at = logs.topic + ":1";
  Produce(logs.brokers, {logs.topic, 1}, {std::string(300, 'x'), "bell\x07"});
  REQUIRE(Offsetctl({"set", logs.uri, logs.group, at + "=4", "--execute"}).code == 0);
  const Words peek = {"peek", logs.uri, logs.group, at, "--before", "2", "--output", "json"};
  const Ran ran = Offsetctl(peek);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const Json json = Json::parse(ran.out);
  CHECK(json["position"] == 4);
  CHECK(json["log_end"] == 6);
  const Json& records = json["records"];
  REQUIRE(records.size() == 4);
  CHECK(records[0]["offset"] == 2);
  CHECK(records[1]["next"].is_null());
  CHECK(records[2]["offset"] == 4);
  CHECK(records[2]["next"] == "<- position");
  CHECK(records[2]["value"] == std::string(100, 'x') + "...");
  CHECK(records[2]["size"] == 300);
  CHECK(records[3]["value"] == "bell\\x07");
}

TEST_CASE("peek at the end, beyond it, at nothing, and at what is not there") {
  const Logs logs;
  const std::string at = logs.topic + ":0";
  const Words peek = {"peek", logs.uri, logs.group, at, "--output", "csv"};
  CHECK(Offsetctl(peek).ErrHas("has no position of " + logs.topic + "[0]"));
  REQUIRE(Offsetctl({"set", logs.uri, logs.group, at + "=10", "--execute"}).code == 0);
  const Ran end = Offsetctl(peek);
  CHECK(end.code == 0);
  CHECK(end.ErrHas("is the log's end: nothing is left to read"));
  CHECK(Lines(end.out).size() == 4);
  REQUIRE(Offsetctl({"set", logs.uri, logs.group, at + "=99", "--execute"}).code == 0);
  CHECK(Offsetctl(peek).ErrHas("is beyond the log's end, 10"));
  CHECK(Offsetctl({"peek", logs.uri, logs.group, logs.topic}).ErrHas("write one partition"));
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  REQUIRE(Offsetctl({"set", uri, "g", "never-made:0=1", "--execute"}).code == 0);
  const Ran none = Offsetctl({"peek", uri, "g", "never-made:0", "--brokers", logs.brokers});
  CHECK(none.code == 4);
  CHECK(none.ErrHas("there is no never-made[0]"));
  CHECK(Offsetctl({"peek", uri, "g", "never-made:0"}).ErrHas("name the cluster"));
}

TEST_CASE("a group with members is refused in plain words, and the others are done") {
  const Logs logs;
  const std::string quiet = logs.group + "-quiet";
  rdkafka::Conf conf;
  REQUIRE(conf.Set("group.id", logs.group));
  const auto member = NewHandle(RD_KAFKA_CONSUMER, logs.brokers, std::move(conf));
  rd_kafka_poll_set_consumer(member->get());
  const std::vector<TopicPartition> wanted = {{logs.topic, RD_KAFKA_PARTITION_UA}};
  const auto list = rdkafka::PartitionList::Of(wanted);
  REQUIRE(rd_kafka_subscribe(member->get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  auto queue = rdkafka::Queue::OfConsumer(member->get());
  Ran ran;
  CHECK(Eventually([&] {
    const auto event = queue.Poll(Duration(20));
    if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
      rd_kafka_assign(member->get(), rd_kafka_event_topic_partition_list(event.get()));
    }
    ran = Offsetctl({"reset", logs.uri, logs.group, "--topic", logs.topic, "--to-latest"});
    return ran.code == 4;
  }));
  CHECK(ran.ErrHas("is in use (its state in Kafka is "));
  CHECK(ran.ErrHas("Stop them, wait until their session has expired"));
  const Words both = {
      "reset", logs.uri, logs.group, quiet, "--topic", logs.topic, "--to-latest", "--execute"};
  const Json rows = logs.Rows(both, 3);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["group"] == logs.group);
  CHECK(rows[0]["outcome"] == "refused");
  CHECK(rows[1]["outcome"] == "applied");
  CHECK(member->LeaveGroup(Deadline::After(std::chrono::seconds(10))));
}

}  // namespace
}  // namespace offsetstore::testing
