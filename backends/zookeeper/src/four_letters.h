// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "offsetstore/deadline.h"

namespace offsetstore::zookeeper {

/// Connects to `server`, says `word` and returns all that comes until the server closes. Empty
/// where anything fails, or the deadline passes: nothing that a store needs comes this way.
[[nodiscard]] std::string AskServer(const sockaddr& server,
                                    socklen_t size,
                                    std::string_view word,
                                    Deadline deadline);

}  // namespace offsetstore::zookeeper
