// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include "handles.h"
#include "offsetstore/deadline.h"

namespace offsetstore::postgres {

/// Waits until the connection's socket is ready for one of `events` (`POLLIN`, `POLLOUT`) or
/// broken. Returns what it is ready for; 0: the deadline passed first.
[[nodiscard]] short AwaitSocket(PGconn* connection, short events, Deadline deadline);

/// Whether the server has said something, or gone away, since the connection was last used.
[[nodiscard]] bool HasInput(PGconn* connection);

}  // namespace offsetstore::postgres
