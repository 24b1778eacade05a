// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// offsetctl against the real Kafka that tests/services/kafka.sh started. Every case makes names of
// its own, so that runs may repeat.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "demo/kafka.h"
#include "kafka_client.h"
#include "offsetstore/types.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

struct Kafka {
  std::string brokers = KafkaBrokers();
  std::string uri = "kafka://" + brokers;
  std::string topic = "cli-" + Nonce::Random().Hex().substr(0, 12);
  TempDir folder;

  Kafka() { EnsureTopics(brokers, std::vector<TopicPartition>{{topic, 0}, {topic, 1}}); }
  ~Kafka() { CHECK(cli::DeleteTopic(brokers, topic, Soon())); }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

  [[nodiscard]] std::string Config(const std::string& store, const std::string& more = {}) const {
    std::string file = (folder / "c.properties").string();
    WriteFile(file,
              "bootstrap.servers=" + brokers + "\ngroup.id=" + topic +
                  "\noffsetstore.start=earliest\noffsetstore.uri=" + store + "\n" + more);
    return file;
  }
};

TEST_CASE("set, get, groups and delete work on Kafka's own store") {
  const Kafka kafka;
  const std::string at = kafka.topic + ":1=";
  CHECK(Offsetctl({"set", kafka.uri, kafka.topic, at + "5"}).code == 0);
  CHECK_FALSE(Offsetctl({"groups", kafka.uri}).OutHas(kafka.topic));
  const Ran set = Offsetctl({"set", kafka.uri, kafka.topic, at + "5", "--execute"});
  INFO(set.err);
  CHECK(set.code == 0);
  CHECK(Offsetctl({"set", kafka.uri, kafka.topic, at + "3", "--execute"}).code == 0);
  const Ran got = Offsetctl({"get", kafka.uri, kafka.topic, "--output", "csv"});
  CHECK(Lines(got.out)[1].rfind(kafka.topic + "," + kafka.topic + ",1,3,stored", 0) == 0);
  CHECK(Offsetctl({"groups", kafka.uri}).OutHas(kafka.topic));
  CHECK(Offsetctl({"delete", kafka.uri, kafka.topic, kafka.topic + ":1", "--execute"}).code == 0);
  CHECK(Lines(Offsetctl({"get", kafka.uri, kafka.topic, "--output", "csv"}).out).size() == 1);
}

TEST_CASE("a group consumes with any store what kcat prints") {
  for (const char* store : {"file", "sqlite", "kafka"}) {
    CAPTURE(store);
    const Kafka kafka;
    REQUIRE(cli::ProduceNumbers(kafka.brokers, kafka.topic, 2, 200, Kafka::Soon()));
    const std::string scheme = store;
    const std::string uri =
        scheme == "kafka" ? "kafka:" : scheme + "://" + (kafka.folder / "store").string();
    const Words words = {"consume",
                         "--config",
                         kafka.Config(uri),
                         "--topic",
                         kafka.topic,
                         "--exit-at-end",
                         "--format",
                         "%t %p %o %s\\n"};
    const Ran first = Offsetctl(words);
    INFO(first.err);
    CHECK(first.code == 0);
    CHECK(Lines(first.out).size() == 200);
    const Ran again = Offsetctl(words);
    CHECK(again.code == 0);
    CHECK(again.out.empty());
  }
}

TEST_CASE("a live group is refused in plain words") {
  const Kafka kafka;
  REQUIRE(cli::ProduceNumbers(kafka.brokers, kafka.topic, 2, 2, Kafka::Soon()));
  Running running({"consume", "--config", kafka.Config("kafka:"), "--topic", kafka.topic},
                  Running::Output::kPipe);
  CHECK_FALSE(running.ReadPipe(1).empty());
  const Ran set = Offsetctl({"set", kafka.uri, kafka.topic, kafka.topic + ":0=0", "--execute"});
  INFO(set.err);
  CHECK(set.code != 0);
  CHECK(set.ErrHas("offsetctl: "));
}

TEST_CASE("a topic that does not exist, and a login that is refused, are told") {
  const Kafka kafka;
  const std::string store = "file://" + (kafka.folder / "store").string();
  const Ran missing =
      Offsetctl({"consume", "--config", kafka.Config(store), "--topic", kafka.topic + "-missing"});
  CHECK(missing.code != 0);
  CHECK(IsOneComplaint(missing.err));
  CHECK(missing.ErrHas(kafka.topic + "-missing"));
  CHECK_FALSE(missing.ErrHas("keeps positions"));
  const std::string sasl = KafkaSaslBrokers();
  const std::string secret = "wrong-" + kafka.topic;
  const Ran refused = Offsetctl({"consume",
                                 "--config",
                                 kafka.Config(store),
                                 "--topic",
                                 kafka.topic,
                                 "--set",
                                 "bootstrap.servers=" + sasl,
                                 "--set",
                                 "security.protocol=sasl_plaintext",
                                 "--set",
                                 "sasl.mechanism=PLAIN",
                                 "--set",
                                 "sasl.username=app",
                                 "--set",
                                 "sasl.password=" + secret});
  INFO(refused.err);
  CHECK(refused.code == 8);
  CHECK_FALSE(refused.ErrHas(secret));
}

TEST_CASE("doctor looks at real brokers") {
  const Kafka kafka;
  // The first commit makes `__consumer_offsets`, which this one broker keeps once.
  REQUIRE(Offsetctl({"set", kafka.uri, kafka.topic, kafka.topic + ":0=1", "--execute"}).code == 0);
  const Ran ran = Offsetctl({"doctor", kafka.uri, "--output", "json"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == 6);
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["healthy"] == false);
  CHECK(json["stores"][0]["scheme"] == "kafka");
  CHECK_FALSE(json["stores"][0]["store_id"].get<std::string>().empty());
  std::map<std::string, std::string> results;
  for (const auto& row : json["checks"]) results[row["check"]] = row["result"];
  CHECK(results["connection"] == "ok");
  CHECK(results["version"] == "ok");
  CHECK(results["rights"] == "unknown");
  CHECK(results["replicas"] == "warning");
  CHECK(results["retention"] == "unknown");
  CHECK(results["guarantee"] == "ok");
  CHECK(Offsetctl({"groups", kafka.uri}).OutHas(kafka.topic));
  const Ran away = Offsetctl({"doctor", "kafka://127.0.0.1:9", "--timeout", "3s"});
  CHECK(away.code == 5);
  CHECK(away.OutHas("-> see that the server runs"));
}

TEST_CASE("the demo runs on real brokers") {
  const Kafka kafka;
  const Ran ran = Offsetctl(
      {"demo", "--brokers", kafka.brokers, "--records", "1000", "--kills", "2", "--seed", "5"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.OutHas("lost 0, repeated"));
}

}  // namespace
}  // namespace offsetstore::testing
