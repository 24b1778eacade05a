// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "client.h"
#include "offsetstore/deadline.h"
#include "request.h"

namespace offsetstore::zookeeper {

/// The reads of one call of a store, pipelined. A `sync` goes before the first, so that a server
/// that lags behind its ensemble shows nothing older than what was acknowledged before the call.
/// Those behind it need none: a session never sees less than it has seen, on no server. For one
/// thread.
class Reads {
 public:
  Reads(const Session& session, Deadline deadline) : session_(session), deadline_(deadline) {}

  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
  /// One reply for each request, in order. The requests are as before, for their paths.
  [[nodiscard]] std::vector<Reply> Run(std::vector<Request>& requests);

 private:
  const Session& session_;
  const Deadline deadline_;
  bool synced_ = false;
};

}  // namespace offsetstore::zookeeper
