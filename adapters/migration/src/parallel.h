// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace offsetstore::migration {

/// Calls `work(worker, i)` once for each `i` below `count`, from at most `workers` threads;
/// `worker` is the number of the thread. Returns when all are done. `work` throws nothing.
void ForEachIndex(std::size_t count,
                  std::size_t workers,
                  const std::function<void(std::size_t worker, std::size_t i)>& work);

}  // namespace offsetstore::migration
