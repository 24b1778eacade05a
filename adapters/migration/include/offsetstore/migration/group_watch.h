// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// Whether consumers of a group are at work.
struct Liveness {
  bool live = false;
  std::string evidence;  ///< For people: `2 members in ids: payments_host-...`; empty: not live.
};

/// Tells whether groups have live consumers: Kafka by its coordinators' list, ZooKeeper by `ids`
/// and `owners`. A writer that registers nowhere is not seen here.
class GroupWatch {
 public:
  GroupWatch() = default;
  GroupWatch(const GroupWatch&) = delete;
  GroupWatch& operator=(const GroupWatch&) = delete;
  virtual ~GroupWatch() = default;

  /// One answer per group, in the order of `groups`. A group that is not known is not live. What
  /// could not be asked is an error, never "not live". Any thread.
  [[nodiscard]] virtual Result<std::vector<Result<Liveness>>> Look(
      std::span<const std::string> groups, Deadline deadline) = 0;
};

}  // namespace offsetstore::migration
