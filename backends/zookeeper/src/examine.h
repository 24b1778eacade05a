// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/zookeeper.h"
#include "offsetstore/examine.h"

namespace offsetstore::zookeeper {

/// Reads the access lists of the tree, and asks the server for its version. Makes nothing, whatever
/// `create` says.
[[nodiscard]] Result<Examination> ExamineZooKeeperStore(const ZooKeeperOptions& options,
                                                        Deadline deadline);

}  // namespace offsetstore::zookeeper
