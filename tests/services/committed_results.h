// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace offsetstore::testing {

/// What a consumer with `isolation.level=read_committed` sees of a topic of results, by librdkafka
/// alone. The value of a result names the record that it is of: `PARTITION OFFSET`.
class CommittedResults {
 public:
  /// Reads from the beginning. Throws where that cannot be.
  CommittedResults(const std::string& brokers, const std::string& topic, int partitions);

  struct Tally {
    std::uint64_t rows = 0;
    std::uint64_t distinct = 0;
  };
  /// Reads on to the ends.
  Tally Count();

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const noexcept {
      rd_kafka_consumer_close(handle);
      rd_kafka_destroy(handle);
    }
  };
  void Take(const rd_kafka_message_t& message);

  std::unique_ptr<rd_kafka_t, Destroy> consumer_;
  std::vector<bool> at_end_;
  std::uint64_t rows_ = 0;
  std::map<std::pair<int, std::int64_t>, int> seen_;
};

}  // namespace offsetstore::testing
