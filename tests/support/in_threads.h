// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <vector>

namespace offsetstore::testing {

/// Runs `work(0)` to `work(count - 1)` at the same time and waits for all; what one throws is
/// thrown here. A plain thread would end the program with it.
template <class Work>
void InThreads(int count, const Work& work) {
  std::vector<std::future<void>> running;
  for (int i = 0; i < count; ++i) {
    running.push_back(std::async(std::launch::async, [&work, i] { work(i); }));
  }
  for (std::future<void>& one : running) one.get();
}

}  // namespace offsetstore::testing
