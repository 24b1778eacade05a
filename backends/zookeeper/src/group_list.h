// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client.h"
#include "offsetstore/store.h"

namespace offsetstore::zookeeper {

/// One page of the groups that have something to show: a position, or what should be one and
/// cannot be read. Groups whose node has a name that neither Kafka 0.8 nor this store gives are
/// left out.
[[nodiscard]] Result<GroupPage> ListGroups(const Session& session,
                                           const std::string& root,
                                           const PageRequest& page,
                                           Deadline deadline);

}  // namespace offsetstore::zookeeper
