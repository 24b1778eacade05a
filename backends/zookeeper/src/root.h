// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::zookeeper {

/// Checks that the chroot and `/consumers` are there, makes them where `create` says so, and
/// returns the store id: which change of which moment made `/consumers`. It is read, not written,
/// so that looking at a legacy tree changes nothing.
/// `ConfigInvalid` names what is missing, and where `/consumers` was found instead.
[[nodiscard]] Result<std::string> OpenRoot(Client& client, bool create, Deadline deadline);

}  // namespace offsetstore::zookeeper
