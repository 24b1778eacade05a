// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "mortal.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace offsetstore::testing {
namespace {

/// The call itself, between its two points.
template <class Call>
auto Between(const std::string& point, const Call& call) {
  Pass("before " + point);
  auto answer = call();
  Pass("after " + point);
  return answer;
}

}  // namespace

void Pass(std::string_view point) {
  static const char* const wanted = std::getenv("OFFSETSTORE_KILL_AT");
  if (wanted == nullptr) return;
  const std::string_view all(wanted);
  const std::size_t colon = all.rfind(':');
  if (all.substr(0, colon) != point) return;
  // One thread passes one point.
  thread_local int left = std::atoi(wanted + colon + 1);
  if (--left <= 0) ::kill(::getpid(), SIGKILL);
}

Answers<ClaimAnswer> MortalStore::Claim(std::string_view group,
                                        std::span<const ClaimRequest> requests,
                                        const Owner& by,
                                        Deadline deadline) {
  return Between("claim", [&] { return below().Claim(group, requests, by, deadline); });
}

Answers<Outcome> MortalStore::Release(std::string_view group,
                                      std::span<const Claimed> claims,
                                      Deadline deadline) {
  return Between("release", [&] { return below().Release(group, claims, deadline); });
}

Answers<LockAnswer> MortalPositions::Lock(std::span<const Claimed> claims, Deadline deadline) {
  return Between("lock", [&] { return below_->Lock(claims, deadline); });
}

Answers<Outcome> MortalPositions::Move(std::span<const offsetstore::Move> moves,
                                       const Owner& by,
                                       Deadline deadline) {
  return Between("move", [&] { return below_->Move(moves, by, deadline); });
}

Status MortalPositions::Begin(Deadline deadline) {
  return Between("begin", [&] { return below_->Begin(deadline); });
}

Status MortalPositions::Commit(Deadline deadline) {
  return Between("commit", [&] { return below_->Commit(deadline); });
}

}  // namespace offsetstore::testing
