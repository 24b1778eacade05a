// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "mock_cluster.h"

#include <doctest/doctest.h>

#include "demo/kafka.h"

namespace offsetstore::testing {

MockCluster::MockCluster(int partitions, std::uint64_t records)
    : partitions_(partitions),
      process_({"demo-cluster", "--topic", kTopic, "--partitions", std::to_string(partitions)},
               Running::Output::kPipe) {
  while (brokers_.empty() || brokers_.back() != '\n') {
    const std::string part = process_.ReadPipe(100);
    if (part.empty()) throw std::runtime_error("no mock cluster: " + process_.Err());
    brokers_ += part;
  }
  brokers_.pop_back();
  if (records > 0) Produce(records);
}

void MockCluster::Produce(std::uint64_t records) const {
  const Status produced = cli::ProduceNumbers(
      brokers_, kTopic, partitions_, records, Deadline::After(std::chrono::seconds(30)));
  if (!produced) throw std::runtime_error(produced.error().message);
}

Consuming::Consuming(const MockCluster& cluster,
                     const std::string& assign,
                     const std::string& more) {
  WriteFile(config,
            "bootstrap.servers=" + cluster.brokers() + "\ngroup.id=g\nassign=" + assign +
                "\noffsetstore.uri=" + uri + "\noffsetstore.start=earliest\n" + more);
}

Words Consuming::With(const Words& arguments) const {
  Words words = {"consume", "--config", config};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string Consuming::Rest() const {
  const Ran ran = Offsetctl(With({"--exit-at-end"}));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran.out;
}

std::set<std::string> Numbers(std::uint64_t count) {
  std::set<std::string> numbers;
  for (std::uint64_t number = 0; number < count; ++number) numbers.insert(std::to_string(number));
  return numbers;
}

std::set<std::string> WholeLines(const std::string& text) {
  const std::vector<std::string> lines = Lines(text.substr(0, text.rfind('\n') + 1));
  return {lines.begin(), lines.end()};
}

}  // namespace offsetstore::testing
