// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "demo/evidence.h"
#include "offsetstore/result.h"

namespace offsetstore::cli {

/// One consumer under test.
struct Contender {
  std::string title;
  std::vector<std::string> arguments;  ///< The worker process.
  std::unique_ptr<Evidence> evidence;
  std::filesystem::path log;
};

struct Ordeal {
  std::uint64_t records = 0;
  int kills = 0;
  std::uint64_t seed = 0;
};

struct Verdict {
  Tally tally;
  int kills = 0;  ///< How many hit a running consumer.
};

/// After how many processed records since its start each process is killed: drawn from the seed
/// alone, and small enough that all kills fall into the middle of the work.
[[nodiscard]] std::vector<std::uint64_t> DrawKills(const Ordeal& ordeal);

/// Runs the contender, kills it with SIGKILL at each drawn point and starts it again, lets the last
/// one finish, and counts its results. `Internal` where a process fails by itself, `Unavailable`
/// where it makes no progress or a signal asked to stop.
[[nodiscard]] Result<Verdict> Run(const Contender& contender, const Ordeal& ordeal);

}  // namespace offsetstore::cli
