// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "backing.h"

#include <algorithm>
#include <random>
#include <thread>

namespace offsetstore::postgres {

void PauseBeforeRedo(int attempt, Deadline deadline) {
  constexpr int kMostDoublings = 6;
  thread_local std::minstd_rand random(std::random_device{}());
  const Duration::rep most = Duration::rep{1} << std::min(attempt, kMostDoublings);
  const Duration pause(std::uniform_int_distribution<Duration::rep>(0, most)(random));
  std::this_thread::sleep_until(deadline.Sooner(pause).time());
}

}  // namespace offsetstore::postgres
