// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// `offsetstore.mirror=kafka`: Kafka's own tools show the positions, and nothing is restored from
// there.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "operator_set.h"
#include "rig.h"
#include "shell.h"

namespace offsetstore::testing {
namespace {

constexpr int kMore = 30;
constexpr int kPartitions = 2;

Config Mirrored(Way way, const std::string& group, const TempDir& dir, const Topic& topic) {
  Config config = Basic(group, FileUri(dir));
  config["offsetstore.mirror"] = "kafka";
  return Assigned(way, std::move(config), topic);
}

/// `kafka-consumer-groups.sh WORDS`, the class behind it.
std::string ConsumerGroups(const std::string& words) {
  const char* jars = std::getenv("OFFSETSTORE_TEST_KAFKA_JARS");
  if (jars == nullptr) throw std::runtime_error("OFFSETSTORE_TEST_KAFKA_JARS: see kafka.sh");
  return ShellOutput(
      "timeout 60 java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
      " -Dorg.slf4j.simpleLogger.defaultLogLevel=off -cp '" +
      std::string(jars) + "/*' org.apache.kafka.tools.consumer.group.ConsumerGroupCommand" +
      " --bootstrap-server " + KafkaBrokers() + ' ' + words);
}

/// By partition: `CURRENT-OFFSET LOG-END-OFFSET LAG`, as the tool prints them.
using Shown = std::map<std::string, std::string>;

Shown Describe(const std::string& group, const Topic& topic) {
  std::istringstream output(ConsumerGroups("--describe --group " + group));
  Shown shown;
  for (std::string line; std::getline(output, line);) {
    std::istringstream words(line);
    std::string name;
    std::string on;
    std::string partition;
    std::string current;
    std::string end;
    std::string lag;
    words >> name >> on >> partition >> current >> end >> lag;
    if (name != group || on != topic.name()) continue;
    shown[partition].append(current).append(" ").append(end).append(" ").append(lag);
  }
  return shown;
}

Shown Both(const std::string& text) {
  return {{"0", text}, {"1", text}};
}

/// Waits for the mirror, which follows the store without anybody waiting for it.
bool Shows(const std::string& group, const Topic& topic, const std::string& text) {
  return Eventually([&] { return Describe(group, topic) == Both(text); }, std::chrono::minutes(1));
}

/// What kcat reads first of each partition as a member of the group.
Shown KcatStarts(const std::string& group, const Topic& topic, int records) {
  std::istringstream output(ShellOutput("timeout 60 kcat -b " + KafkaBrokers() +
                                        " -q -X log_level=3 -c " + std::to_string(records) +
                                        " -f '%p %o\\n' -G " + group + ' ' + topic.name()));
  Shown starts;
  std::string partition;
  std::string offset;
  while (output >> partition >> offset) starts.try_emplace(partition, offset);
  return starts;
}

/// Holds back the records from `kRecords` on. Its end lets them go, so that a consumer can end.
class Gate {
 public:
  [[nodiscard]] Handler handler() {
    return [this](Record& record) -> Status {
      if (record.offset() >= kRecords) open_.wait(false);
      return {};
    };
  }
  void Open() {
    open_ = true;
    open_.notify_all();
  }

 private:
  std::atomic<bool> open_{false};
};

struct OpenAtEnd {
  explicit OpenAtEnd(Gate& opened) : gate(opened) {}
  OpenAtEnd(const OpenAtEnd&) = delete;
  OpenAtEnd& operator=(const OpenAtEnd&) = delete;
  ~OpenAtEnd() { gate.Open(); }
  Gate& gate;
};

TEST_CASE("Kafka's own tools show the mirrored positions and the lag") {
  const TempDir dir;
  Topic topic(kPartitions);
  topic.Fill(kRecords);
  const std::string group = UniqueGroup();
  Gate gate;
  Member member(Mirrored(Way::kCooperative, group, dir, topic), gate.handler());
  const OpenAtEnd open(gate);
  REQUIRE(member.WaitForEnd());
  CHECK(Shows(group, topic, "100 100 0"));
  topic.Fill(kMore);
  CHECK(Shows(group, topic, "100 130 30"));
  CHECK(ConsumerGroups("--describe --state --group " + group).find("Stable") != std::string::npos);
  gate.Open();
  REQUIRE(member.WaitForCount(kPartitions * (kRecords + kMore)));
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  topic.Fill(kMore);
  CHECK(Describe(group, topic) == Both("130 160 30"));
  CHECK(KcatStarts(group, topic, kPartitions * kMore) == Both("130"));
  CHECK(member.events().Count(EventKind::kClient) == 0);
}

TEST_CASE("what a tool resets in Kafka does not move a consumer that mirrors there") {
  const TempDir dir;
  Topic topic(kPartitions);
  topic.Fill(kRecords);
  const std::string group = UniqueGroup();
  const Config config = Mirrored(Way::kCooperative, group, dir, topic);
  {
    Member member(config);
    REQUIRE(member.WaitForEnd());
    REQUIRE(member.Stop());
  }
  static_cast<void>(ConsumerGroups("--reset-offsets --to-offset 10 --execute --group " + group +
                                   " --topic " + topic.name()));
  REQUIRE(Describe(group, topic) == Both("10 100 90"));
  topic.Fill(kMore);
  Member member(config);
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  for (int i = 0; i < kPartitions; ++i) {
    CHECK(member.Handled()[topic.At(i)] == Sequence(kRecords, kRecords + kMore));
  }
  CHECK(Describe(group, topic) == Both("130 130 0"));
}

/// Partition 0 is moved back in Kafka and partition 1 forward; the store knows better.
void CheckNeverRestored(Way way) {
  const TempDir dir;
  Topic topic(kPartitions);
  topic.Fill(kRecords);
  const std::string group = UniqueGroup();
  const Config config = Mirrored(way, group, dir, topic);
  const auto kafka = OpenBeside("kafka://" + KafkaBrokers());
  {
    Member member(config);
    REQUIRE(member.WaitForEnd());
    REQUIRE(member.Stop());
    CHECK(member.events().Count(EventKind::kClient) == 0);
    CHECK(member.events().Count(EventKind::kGuarantee) == 1);
  }
  for (int i = 0; i < kPartitions; ++i) CHECK(Stored(*kafka, group, topic.At(i)) == kRecords);
  topic.Fill(kMore);
  REQUIRE(OperatorSet(*kafka, group, topic.At(0), 10).Ok());
  REQUIRE(OperatorSet(*kafka, group, topic.At(1), kRecords + kMore).Ok());
  Member member(config);
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  for (int i = 0; i < kPartitions; ++i) {
    CHECK(member.Handled()[topic.At(i)] == Sequence(kRecords, kRecords + kMore));
    CHECK(Stored(*kafka, group, topic.At(i)) == kRecords + kMore);
  }
}

TEST_CASE("the mirror shows the positions in Kafka and is never restored from, static") {
  CheckNeverRestored(Way::kStatic);
}
TEST_CASE("the mirror shows the positions in Kafka and is never restored from, cooperative") {
  CheckNeverRestored(Way::kCooperative);
}

}  // namespace
}  // namespace offsetstore::testing
