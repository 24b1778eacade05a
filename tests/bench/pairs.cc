// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetstore_bench [FILTER]: prints raw and own rates and the ratio own / raw (above 1 = faster
// than raw), as the median of 11 alternating pairs with its 98.8 % interval (2nd to 10th ratio).
#include "pairs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <vector>

namespace offsetstore::bench {
namespace {

constexpr int kPairs = 11;

std::vector<std::string>& Names() {
  static std::vector<std::string> names;
  return names;
}

/// Keeps the rate of one run and prints nothing.
class Rate final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) Require(false, run.benchmark_name() + ": " + run.error_message);
      const auto rate = run.counters.find("items_per_second");
      if (rate != run.counters.end()) value = rate->second.value;
    }
  }
  double value = 0;
};

double RunOnce(const std::string& name) {
  Rate rate;
  benchmark::RunSpecifiedBenchmarks(&rate, "^" + name + "(/|$)");
  Require(rate.value > 0, name + " measured nothing");
  return rate.value;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Compare(const std::string& name) {
  std::vector<double> raw;
  std::vector<double> ours;
  std::vector<double> ratios;
  for (int i = 0; i < kPairs; ++i) {
    raw.push_back(RunOnce(name + "@raw"));
    ours.push_back(RunOnce(name + "@ours"));
    ratios.push_back(ours.back() / raw.back());
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("%-44s %12.0f/s %12.0f/s   %.2f [%.2f, %.2f]\n",
              name.c_str(),
              Median(raw),
              Median(ours),
              ratios[kPairs / 2],
              ratios[1],
              ratios[kPairs - 2]);
  std::fflush(stdout);
}

}  // namespace

PairOf::PairOf(
    const std::string& name, Body raw, Body ours, int threads, int iterations, int argument) {
  Names().push_back(name);
  for (const auto& [side, body] : {std::pair("@raw", raw), std::pair("@ours", ours)}) {
    auto* one = benchmark::RegisterBenchmark((name + side).c_str(), body);
    iterations > 0 ? one->UseManualTime() : one->UseRealTime();
    one->Threads(threads)->Arg(argument);
    if (iterations > 0) {
      one->Iterations(iterations);
    } else {
      one->MinTime(0.3);
    }
  }
}

void Require(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace offsetstore::bench

int main(int argc, char** argv) {
  const std::regex filter(argc > 1 ? argv[1] : ".");
  std::printf("%-44s %14s %14s   %s\n", "what", "raw", "offsetstore", "ratio [98.8 % interval]");
  for (const std::string& name : offsetstore::bench::Names()) {
    if (std::regex_search(name, filter)) offsetstore::bench::Compare(name);
  }
}
