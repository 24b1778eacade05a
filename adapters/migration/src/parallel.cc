// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace offsetstore::migration {

void ForEachIndex(std::size_t count,
                  std::size_t workers,
                  const std::function<void(std::size_t worker, std::size_t i)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&](std::size_t worker) {
    for (std::size_t i = next++; i < count; i = next++) work(worker, i);
  };
  std::vector<std::jthread> threads;
  for (std::size_t worker = 1; worker < std::min(workers, count); ++worker) {
    threads.emplace_back(run, worker);
  }
  run(0);
}

}  // namespace offsetstore::migration
