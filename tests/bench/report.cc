// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <thread>

namespace offsetstore::bench {
namespace {

constexpr const char* kRepeat = "tests/bench/run.sh";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// How likely fewer than `rank` of `pairs` ratios lie below their median.
double FewerBelow(std::size_t rank, std::size_t pairs) {
  double term = 1;  // the binomial coefficient, times 2^-pairs
  for (std::size_t i = 0; i < pairs; ++i) term /= 2;
  double sum = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    sum += term;
    term *= static_cast<double>(pairs - i) / static_cast<double>(i + 1);
  }
  return sum;
}

/// The interval runs from the `Rank`-th smallest ratio to the `Rank`-th largest.
std::size_t Rank(std::size_t pairs) {
  constexpr double kMostOutside = 0.05;
  std::size_t rank = 1;
  while (2 * FewerBelow(rank + 1, pairs) <= kMostOutside) ++rank;
  return rank;
}

std::string Processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string Machine() {
  utsname system{};
  ::uname(&system);
  return std::to_string(std::thread::hardware_concurrency()) + " cores of " + Processor() + ", " +
         system.sysname + ' ' + system.release;
}

/// 1234567 as `1,234,567`.
std::string Grouped(double value) {
  std::string digits = std::to_string(std::llround(value));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string Ratio(const Figures& figures) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f [%.2f, %.2f]", figures.ratio, figures.low, figures.high);
  return text;
}

}  // namespace

double Confidence(std::size_t pairs) {
  return 1 - 2 * FewerBelow(Rank(pairs), pairs);
}

Figures Summarise(const std::vector<double>& raw, const std::vector<double>& ours) {
  std::vector<double> ratios(raw.size());
  std::transform(ours.begin(), ours.end(), raw.begin(), ratios.begin(), std::divides<>());
  std::sort(ratios.begin(), ratios.end());
  const std::size_t rank = Rank(ratios.size());
  return {.raw = Median(raw),
          .ours = Median(ours),
          .ratio = Median(ratios),
          .low = ratios[rank - 1],
          .high = ratios[ratios.size() - rank]};
}

void Report::Begin() const {
  const double percent = 100 * Confidence(pairs_);
  std::printf(
      "%sMachine: %s. Median of %zu alternating pairs, with the interval that holds it in "
      "%.1f %% of cases. Repeat with `%s`.\n\n",
      markdown_ ? "" : "# ",
      Machine().c_str(),
      pairs_,
      percent,
      kRepeat);
  if (markdown_) {
    std::printf(
        "| what | raw client | offsetstore | offsetstore / raw | what the raw side does |\n"
        "|---|---|---|---|---|\n");
  } else {
    std::printf("%-44s %14s %14s   %s\n", "what (a second)", "raw", "offsetstore", "ratio");
  }
  std::fflush(stdout);
}

void Report::Row(const Comparison& what, const Figures& figures) const {
  const std::string raw = Grouped(figures.raw);
  const std::string ours = Grouped(figures.ours);
  if (markdown_) {
    std::printf("| %s | %s %s/s | %s %s/s | %s | %s |\n",
                what.name.c_str(),
                raw.c_str(),
                what.items.c_str(),
                ours.c_str(),
                what.items.c_str(),
                Ratio(figures).c_str(),
                what.raw_does.c_str());
  } else {
    std::printf("%-44s %14s %14s   %s\n",
                what.name.c_str(),
                raw.c_str(),
                ours.c_str(),
                Ratio(figures).c_str());
  }
  std::fflush(stdout);
}

}  // namespace offsetstore::bench
