// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "internal/rules.h"
#include "layout.h"
#include "link.h"
#include "offsetstore/deadline.h"
#include "offsetstore/store.h"
#include "script_batch.h"

namespace offsetstore::redis {

/// What one request came to, and the record that it was decided on.
struct Decided {
  internal::Decision decision;
  internal::Record before;
};

/// Decides one request, by its number, on the record that is stored.
using Decide = std::function<internal::Decision(std::size_t, const internal::Record&)>;

/// Changes partitions by the rules of this process: reads their fields, decides, and has the server
/// write each only where it still holds byte for byte what was read; what somebody else changed
/// meanwhile is read and decided again, until the deadline. Under `kAll` the server also compares
/// what needs no write. Counters only grow and nonces differ, so that no field comes to hold the
/// same bytes twice with something between.
[[nodiscard]] Answers<Decided> CompareAndSet(Link& link,
                                             const Layout& layout,
                                             const WritePromise& promise,
                                             std::string_view group,
                                             std::span<const TopicPartition> partitions,
                                             const Decide& decide,
                                             Atomicity atomicity,
                                             Deadline deadline);

}  // namespace offsetstore::redis
