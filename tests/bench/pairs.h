// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <string>

namespace offsetstore::bench {

using Body = void (*)(benchmark::State&);

/// What a user would write by hand against the raw client, and the same through this library. Each
/// counts what it did by `SetItemsProcessed`.
struct Comparison {
  std::string name;
  std::string items;     ///< What is counted: `positions`, `records`.
  std::string raw_does;  ///< Operation for operation; goes into the table.
  Body raw = nullptr;
  Body ours = nullptr;
  int threads = 1;
  int iterations = 0;  ///< More than 0: so many, and the bodies measure the time by themselves.
  int argument = 1;    ///< `state.range(0)` of both.
  const char* server = nullptr;  ///< The variable that names the server; without it the row is
                                 ///< left out, and that is said.
};

/// Adds a row. Both sides are run in turn, and the ratio of their speeds is taken pair by pair,
/// since machines drift.
struct PairOf {
  explicit PairOf(Comparison comparison);
};

/// Ends the program with what went wrong: a benchmark that measures a failure measures nothing.
void Require(bool ok, const std::string& what);

}  // namespace offsetstore::bench
