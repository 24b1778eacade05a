// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "layout.h"
#include "link.h"
#include "offsetstore/deadline.h"
#include "offsetstore/store.h"

namespace offsetstore::redis {

/// The value of a field as it is stored; none: there is no such field.
using Raw = std::optional<std::string>;

/// Reads the fields of partitions of one group, in their order, in one round trip.
[[nodiscard]] Result<std::vector<Raw>> ReadFields(Link& link,
                                                  const Layout& layout,
                                                  std::string_view group,
                                                  std::span<const TopicPartition> partitions,
                                                  Deadline deadline);

/// `OffsetStore::Fetch` on one link.
[[nodiscard]] Answers<Read> FetchGroup(Link& link,
                                       const Layout& layout,
                                       std::string_view group,
                                       const Selection& selection,
                                       Deadline deadline);

/// `OffsetStore::ListGroups` on one link.
[[nodiscard]] Result<GroupPage> ListPage(Link& link,
                                         const Layout& layout,
                                         const PageRequest& page,
                                         Deadline deadline);

}  // namespace offsetstore::redis
