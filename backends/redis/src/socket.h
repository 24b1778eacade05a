// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/redis.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// Connects a non-blocking socket to the server of `options`: each address of its name in turn,
/// until the deadline. The caller closes it. Errors: `Unavailable`, `DeadlineExceeded`,
/// `PermissionDenied` (a Unix socket), `ConfigInvalid`. Looking a name up is the C library's and
/// has that one's own bound.
[[nodiscard]] Result<int> ConnectSocket(const RedisOptions& options, Deadline deadline);

/// Waits until `descriptor` is ready for `events` (`POLLIN`, `POLLOUT`) or failed; false: the
/// deadline passed.
[[nodiscard]] bool WaitFor(int descriptor, short events, Deadline deadline);

}  // namespace offsetstore::redis
