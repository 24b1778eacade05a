// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "connection.h"
#include "eventually.h"
#include "own_server.h"
#include "redis_client.h"
#include "redis_support.h"
#include "sigpipe_guard.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

bool IsBlocked(int signal) {
  sigset_t mask{};
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

bool IsPending(int signal) {
  sigset_t pending{};
  sigpending(&pending);
  return sigismember(&pending, signal) == 1;
}

TEST_CASE("writing to a server that has closed does not kill the process") {
  const OwnServer server("redis");
  RedisOptions options;
  options.socket = server.Value("OFFSETSTORE_TEST_REDIS_SOCKET");
  struct sigaction before {};
  REQUIRE(sigaction(SIGPIPE, nullptr, &before) == 0);
  REQUIRE((before.sa_handler == SIG_DFL));
  const auto connection = redis::Connection::Open(options, Soon());
  REQUIRE(connection);
  const std::vector<redis::Command> ping = {redis::Command{"PING"}};
  REQUIRE_FALSE((*connection)->Run(ping, redis::Risk::kNone, Soon()).cut);
  RedisClient(PortOf(server.address())).Do({"CLIENT", "KILL", "TYPE", "normal"});
  REQUIRE(Eventually([&] { return (*connection)->IsStale(); }));
  // On a Unix socket the first write already raises the signal.
  const redis::Replies got = (*connection)->Run(ping, redis::Risk::kWrite, Soon());
  REQUIRE(got.cut.has_value());
  CHECK(got.cut->code == ErrorCode::kUnavailable);  // no byte went out
  CHECK((*connection)->IsBroken());
  CHECK_FALSE(IsBlocked(SIGPIPE));
  CHECK_FALSE(IsPending(SIGPIPE));
  struct sigaction after {};
  REQUIRE(sigaction(SIGPIPE, nullptr, &after) == 0);
  CHECK((after.sa_handler == SIG_DFL));
}

TEST_CASE("a SIGPIPE that the application keeps pending stays its own") {
  sigset_t pipe{};
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigset_t before{};
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  std::raise(SIGPIPE);
  { const redis::SigpipeGuard guard; }
  CHECK(IsPending(SIGPIPE));
  CHECK(IsBlocked(SIGPIPE));
  int taken = 0;
  sigwait(&pipe, &taken);
  {
    const redis::SigpipeGuard guard;
    std::raise(SIGPIPE);
  }
  CHECK_FALSE(IsPending(SIGPIPE));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace offsetstore::testing
