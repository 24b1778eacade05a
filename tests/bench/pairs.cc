// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// offsetstore_bench [--markdown] [--pairs=N] [FILTER]: compares each row whose name holds the
// regular expression FILTER. tests/bench/run.sh builds it, starts the servers and runs it.
#include "pairs.h"

#include <cstdio>
#include <cstdlib>
#include <regex>
#include <string_view>
#include <vector>

#include "report.h"

namespace offsetstore::bench {
namespace {

constexpr std::size_t kFewestPairs = 10;
constexpr double kSecondsOfRun = 0.3;

std::vector<Comparison>& Rows() {
  static std::vector<Comparison> rows;
  return rows;
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

/// Each side goes first in every other pair.
Figures Compare(const std::string& name, std::size_t pairs) {
  std::vector<double> raw(pairs);
  std::vector<double> ours(pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    if (i % 2 == 1) ours[i] = RunOnce(name + "@ours");
    raw[i] = RunOnce(name + "@raw");
    if (i % 2 == 0) ours[i] = RunOnce(name + "@ours");
  }
  return Summarise(raw, ours);
}

bool HasServer(const Comparison& row) {
  if (row.server == nullptr || std::getenv(row.server) != nullptr) return true;
  std::fprintf(stderr, "bench: left out '%s': %s is not set\n", row.name.c_str(), row.server);
  return false;
}

struct Options {
  bool markdown = false;
  std::size_t pairs = 11;
  std::regex filter{"."};
};

Options Parse(int argc, char** argv) {
  constexpr std::string_view kPairs = "--pairs=";
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--markdown") {
      options.markdown = true;
    } else if (word.starts_with(kPairs)) {
      options.pairs = std::strtoul(argv[i] + kPairs.size(), nullptr, 10);
      Require(options.pairs >= kFewestPairs && options.pairs <= 1000, "--pairs= takes 10 to 1000");
    } else {
      Require(!word.starts_with("-"), "options are --markdown and --pairs=N");
      options.filter = std::regex(argv[i]);
    }
  }
  return options;
}

void Main(const Options& options) {
  const Report report(options.markdown, options.pairs);
  report.Begin();
  for (const Comparison& row : Rows()) {
    if (!std::regex_search(row.name, options.filter) || !HasServer(row)) continue;
    report.Row(row, Compare(row.name, options.pairs));
  }
}

}  // namespace

PairOf::PairOf(Comparison comparison) {
  for (const auto& [side, body] :
       {std::pair("@raw", comparison.raw), std::pair("@ours", comparison.ours)}) {
    auto* one = benchmark::RegisterBenchmark((comparison.name + side).c_str(), body);
    one->Threads(comparison.threads)->Arg(comparison.argument);
    if (comparison.iterations > 0) {
      one->UseManualTime()->Iterations(comparison.iterations);
    } else {
      one->UseRealTime()->MinTime(kSecondsOfRun);
    }
  }
  Rows().push_back(std::move(comparison));
}

}  // namespace offsetstore::bench

int main(int argc, char** argv) {
  offsetstore::bench::Main(offsetstore::bench::Parse(argc, argv));
}
