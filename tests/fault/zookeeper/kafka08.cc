// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "kafka08.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "offsetstore/testing/test_group.h"
#include "shell.h"

namespace offsetstore::testing {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value != nullptr) return value;
  std::printf("skipped: %s is not set; tests/services/kafka08.sh starts one\n", name);
  std::exit(77);
}

}  // namespace

Kafka08::Kafka08()
    : uri_(Variable("OFFSETSTORE_TEST_KAFKA08")),
      connect_(uri_.substr(std::string("zookeeper://").size())),
      broker_(Variable("OFFSETSTORE_TEST_KAFKA08_BROKER")),
      jars_(Variable("OFFSETSTORE_TEST_KAFKA08_JARS")) {
  // Without a configuration log4j warns into the output of every tool.
  std::ofstream(folder_ / "log4j.properties") << "log4j.rootLogger=OFF\n";
}

std::string Kafka08::Command(const std::string& tool, const std::string& words) const {
  return "timeout 60 java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
         " --add-opens java.base/sun.nio.ch=ALL-UNNAMED "
         "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
         " -Dlog4j.configuration=file:" +
         (folder_ / "log4j.properties").string() + " -cp '" + jars_ + "/*' " + tool + ' ' + words;
}

std::string Kafka08::Run(const std::string& tool, const std::string& words) const {
  std::string with = words;
  for (const auto& [name, value] : {std::pair{"@ZK", &connect_}, std::pair{"@BROKER", &broker_}}) {
    const std::size_t at = with.find(name);
    if (at != std::string::npos) with.replace(at, std::string(name).size(), *value);
  }
  return ShellOutput(Command(tool, with));
}

std::string Kafka08::Topic(int count) const {
  std::string topic = Unique("topic");
  static_cast<void>(
      Run("kafka.admin.TopicCommand",
          "--zookeeper @ZK --create --topic " + topic + " --partitions 1 --replication-factor 1"));
  static_cast<void>(ShellOutput(
      "seq 1 " + std::to_string(count) + " | " +
      Command("kafka.tools.ConsoleProducer", "--broker-list " + broker_ + " --topic " + topic)));
  return topic;
}

std::string Kafka08::ConsumerWords(const std::string& group, const std::string& topic) const {
  const std::string file = (folder_.path() / (group + ".properties")).string();
  std::ofstream(file) << "group.id=" << group
                      << "\nauto.commit.interval.ms=200\noffsets.storage=zookeeper\n"
                         "zookeeper.session.timeout.ms=2000\nzookeeper.sync.time.ms=200\n";
  return "--zookeeper " + connect_ + " --topic " + topic + " --consumer.config " + file;
}

std::vector<std::string> Kafka08::Consume(const std::string& group,
                                          const std::string& topic,
                                          int count,
                                          bool known) const {
  std::istringstream output(Run("kafka.tools.ConsoleConsumer",
                                ConsumerWords(group, topic) + (known ? "" : " --from-beginning") +
                                    " --max-messages " + std::to_string(count)));
  std::vector<std::string> records;
  for (std::string line; std::getline(output, line);) {
    if (!line.starts_with("Consumed ")) records.push_back(line);
  }
  return records;
}

Kafka08::Running::Running(const Kafka08& kafka,
                          const std::string& group,
                          const std::string& topic) {
  const std::string command =
      "exec " + kafka.Command("kafka.tools.ConsoleConsumer", kafka.ConsumerWords(group, topic)) +
      " --from-beginning >/dev/null 2>&1";
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ > 0) return;
  // A group of processes of its own: `timeout` and the consumer end together.
  ::setpgid(0, 0);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

Kafka08::Running::~Running() {
  Kill();
}

void Kafka08::Running::Kill() {
  if (pid_ <= 0) return;
  // The child may not have its own group yet.
  if (::kill(-pid_, SIGKILL) != 0) static_cast<void>(::kill(pid_, SIGKILL));
  static_cast<void>(::waitpid(pid_, nullptr, 0));
  pid_ = 0;
}

}  // namespace offsetstore::testing
