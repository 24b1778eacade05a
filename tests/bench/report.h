// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pairs.h"

namespace offsetstore::bench {

/// What the pairs of one row gave.
struct Figures {
  double raw = 0;    ///< Median rates, items a second.
  double ours = 0;   ///< As `raw`.
  double ratio = 0;  ///< The median of ours / raw, pair by pair: above 1 is faster than raw.
  double low = 0;    ///< The interval of that median.
  double high = 0;   ///< As `low`.
};

/// The medians of alternating runs. Requires equally many of both, at least 10.
[[nodiscard]] Figures Summarise(const std::vector<double>& raw, const std::vector<double>& ours);

/// How surely the median lies in the interval of so many pairs: 0.95 or more, from the order of the
/// ratios alone, whatever their distribution.
[[nodiscard]] double Confidence(std::size_t pairs);

/// Prints the rows as text, or as the table of docs/benchmarks.md.
class Report {
 public:
  Report(bool markdown, std::size_t pairs) : markdown_(markdown), pairs_(pairs) {}

  /// Method, machine, how to repeat, and the head of the table.
  void Begin() const;
  void Row(const Comparison& what, const Figures& figures) const;

 private:
  bool markdown_;
  std::size_t pairs_;
};

}  // namespace offsetstore::bench
