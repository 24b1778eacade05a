// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "mortal.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace offsetstore::testing {
namespace {

class Fate {
 public:
  Fate(const char* variable, int signal) : signal_(signal) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return;
    const std::string_view all(text);
    point_ = all.substr(0, all.rfind(':'));
    left_ = std::atoi(text + point_.size() + 1);
  }
  void Pass(std::string_view point) {
    // To this thread: a signal to the process may reach another one first, and this one would be a
    // step further by then.
    if (point == point_ && --left_ == 0) ::raise(signal_);
  }

 private:
  const int signal_;
  std::string point_;
  std::atomic<int> left_ = 0;
};

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
  static Fate dies("OFFSETSTORE_KILL_AT", SIGKILL);
  static Fate stops("OFFSETSTORE_STOP_AT", SIGSTOP);
  dies.Pass(point);
  stops.Pass(point);
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
  return Between("lock", [&] { return below().Lock(claims, deadline); });
}

Answers<Outcome> MortalPositions::Move(std::span<const offsetstore::Move> moves,
                                       const Owner& by,
                                       Deadline deadline) {
  return Between("move", [&] { return below().Move(moves, by, deadline); });
}

Status MortalPositions::Begin(Deadline deadline) {
  return Between("begin", [&] { return below().Begin(deadline); });
}

Status MortalPositions::Commit(Deadline deadline) {
  return Between("commit", [&] { return below().Commit(deadline); });
}

}  // namespace offsetstore::testing
