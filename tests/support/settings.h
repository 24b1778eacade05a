// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

namespace offsetstore::testing {

/// Whether to run in full size (`OFFSETSTORE_TORTURE=long`), as `tests/run.sh --long` does.
[[nodiscard]] bool Long();

/// Seeded by OFFSETSTORE_SEED, or at random; says how.
[[nodiscard]] std::mt19937 SeededRandom();

}  // namespace offsetstore::testing
