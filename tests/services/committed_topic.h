// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace offsetstore::testing {

/// What a consumer with `isolation.level=read_committed` sees of a topic, by librdkafka alone.
class CommittedTopic {
 public:
  using Visit = std::function<void(std::string_view key, const std::string& value)>;

  /// Begins at the first record. Throws where that cannot be.
  CommittedTopic(const std::string& brokers, const std::string& topic, int partitions);
  /// Reads on to the ends.
  void ReadOn(const Visit& visit);

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const noexcept {
      rd_kafka_consumer_close(handle);
      rd_kafka_destroy(handle);
    }
  };
  void Take(const rd_kafka_message_t& message, const Visit& visit);

  std::unique_ptr<rd_kafka_t, Destroy> consumer_;
  std::vector<bool> at_end_;
};

/// Counts a topic of results: the value of each names the record that it is of, `PARTITION OFFSET`.
class CommittedResults {
 public:
  CommittedResults(const std::string& brokers, const std::string& topic, int partitions)
      : topic_(brokers, topic, partitions) {}

  struct Tally {
    std::uint64_t rows = 0;
    std::uint64_t distinct = 0;
  };
  /// As of now.
  Tally Count();

 private:
  CommittedTopic topic_;
  std::uint64_t rows_ = 0;
  std::map<std::pair<int, std::int64_t>, int> seen_;
};

}  // namespace offsetstore::testing
