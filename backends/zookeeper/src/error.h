// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "offsetstore/error.h"
#include "request.h"

namespace offsetstore::zookeeper {

enum class Sending : std::uint8_t { kRead, kWrite };

/// The one place that decides what a reply without success means. `path` is the node concerned.
/// Of a write only a definite refusal of the server is anything but in doubt.
[[nodiscard]] Error ToError(const Reply& reply,
                            Sending sending,
                            const std::string& path,
                            Deadline deadline);

}  // namespace offsetstore::zookeeper
