// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A server that is killed in the middle of commits and started again.
#include <doctest/doctest.h>

#include "lockstep_worker.h"
#include "own_server.h"
#include "redis_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("G13 a server killed in the middle of commits has every acknowledged one") {
  OwnServer server("redis");
  const RedisOptions options = At(PortOf(server.address()));
  CheckServerKills(server, 20, [&] { return MustOpen(options); });
}

}  // namespace
}  // namespace offsetstore::testing
