// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

#include "rdkafka/handle.h"

namespace offsetstore::testing {

/// librdkafka's mock cluster of one broker, in this process.
class MockCluster {
 public:
  static constexpr std::int16_t kOffsetCommit = 8;
  static constexpr std::int16_t kOffsetFetch = 9;

  MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster();

  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }

  void CreateTopic(const std::string& topic, int partitions);
  /// The next `count` requests of that kind are answered with `native`.
  void FailNext(std::int16_t request, rd_kafka_resp_err_t native, int count = 1);
  /// Every answer comes that late from now on.
  void Delay(Duration by);

 private:
  std::unique_ptr<rdkafka::Handle> owner_;
  rd_kafka_mock_cluster_t* cluster_;
  std::string brokers_;
};

}  // namespace offsetstore::testing
