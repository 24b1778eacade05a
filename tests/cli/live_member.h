// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// The one member of a group in Kafka, whose positions are kept in files. Its partitions are
/// assigned when the constructor returns.
class LiveMember {
 public:
  LiveMember(const std::string& brokers, const std::string& group, const std::string& topic);
  LiveMember(const LiveMember&) = delete;
  LiveMember& operator=(const LiveMember&) = delete;
  /// It leaves its group in good order.
  ~LiveMember();

 private:
  TempDir folder_;
  Running member_;
};

}  // namespace offsetstore::testing
