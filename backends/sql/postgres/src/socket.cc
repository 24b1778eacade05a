// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "socket.h"

#include <sys/socket.h>

#include <cerrno>

namespace offsetstore::postgres {

void FreeConnection::operator()(PGconn* connection) const noexcept {
  // PQfinish tries once more to send what it has buffered, which may be the COMMIT of a call that
  // was answered already. It fails where nothing is connected, and then there is nothing to stop.
  const int fd = PQsocket(connection);
  if (fd >= 0 && PQtransactionStatus(connection) != PQTRANS_IDLE) ::shutdown(fd, SHUT_RDWR);
  PQfinish(connection);
}

short AwaitSocket(PGconn* connection, short events, Deadline deadline) {
  for (;;) {
    pollfd one{PQsocket(connection), events, 0};
    const auto left = static_cast<int>(deadline.Remaining().count());
    const int ready = ::poll(&one, 1, left);
    // A broken descriptor is ready: the next use of it tells what is wrong.
    if (ready > 0) return one.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;
    if (ready == 0 && deadline.Passed()) return 0;
  }
}

bool HasInput(PGconn* connection) {
  pollfd one{PQsocket(connection), POLLIN, 0};
  return ::poll(&one, 1, 0) != 0;
}

}  // namespace offsetstore::postgres
