// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <string>

namespace offsetstore::bench {

using Body = void (*)(benchmark::State&);

/// A comparison: what a user would write by hand against the raw client, and the same through this
/// library. Both are run in turn, at least ten times each, and the ratio of their speeds is taken
/// pair by pair, since these machines drift.
struct PairOf {
  PairOf(const std::string& name,
         Body raw,
         Body ours,
         int threads = 1,
         int iterations = 0,
         int argument = 1);
};

/// Aborts with what went wrong: a benchmark that measures a failure measures nothing.
void Require(bool ok, const std::string& what);

}  // namespace offsetstore::bench
