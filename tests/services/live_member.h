// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "rdkafka/handle.h"

namespace offsetstore::testing {

/// A consumer in a group of Kafka that holds all partitions of the topic once it is made. Throws
/// where it gets none.
class LiveMember {
 public:
  /// `new_protocol`: by `group.protocol=consumer`.
  LiveMember(const std::string& brokers,
             const std::string& group,
             const std::string& topic,
             bool new_protocol = false);

  /// Leaves the group in good order.
  void Leave() const;

 private:
  [[nodiscard]] bool IsAssigned() const;

  std::unique_ptr<rdkafka::Handle> consumer_;
};

}  // namespace offsetstore::testing
