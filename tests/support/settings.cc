// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace offsetstore::testing {

bool Long() {
  const char* mode = std::getenv("OFFSETSTORE_TORTURE");
  return mode != nullptr && std::string(mode) == "long";
}

std::mt19937 SeededRandom() {
  const char* given = std::getenv("OFFSETSTORE_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                     : std::random_device()();
  std::printf("OFFSETSTORE_SEED=%u\n", seed);
  return std::mt19937(seed);
}

}  // namespace offsetstore::testing
