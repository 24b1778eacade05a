// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// librdkafka's mock cluster, in a process of its own, with one topic of numbered records.
class MockCluster {
 public:
  static constexpr const char* kTopic = "orders";

  MockCluster(int partitions, std::uint64_t records);

  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }
  void Produce(std::uint64_t records) const;

 private:
  int partitions_;
  Running process_;
  std::string brokers_;
};

/// A configuration that reads that topic by static assignment and keeps positions in a file store.
struct Consuming {
  TempDir folder;
  std::string uri = "file://" + (folder / "store").string();
  std::string config = (folder / "c.properties").string();

  Consuming(const MockCluster& cluster, const std::string& assign, const std::string& more = {});
  /// `consume --config FILE` and these arguments.
  [[nodiscard]] Words With(const Words& arguments) const;
  /// What is left to read.
  [[nodiscard]] std::string Rest() const;
};

/// The numbers 0 to count - 1 as the records' values, one per line.
[[nodiscard]] std::set<std::string> Numbers(std::uint64_t count);
/// The whole lines of `text`; the last one only where it is complete.
[[nodiscard]] std::set<std::string> WholeLines(const std::string& text);

}  // namespace offsetstore::testing
