// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/progress.h"

#include <algorithm>

#include "console.h"

namespace offsetstore::cli {
namespace {

constexpr std::uint64_t kWidth = 30;

}  // namespace

Progress::Progress(std::string_view title, std::uint64_t whole)
    : title_(title), whole_(std::max<std::uint64_t>(whole, 1)) {}

Progress::~Progress() {
  ShowStatus({});
}

void Progress::Show(std::uint64_t part, std::string_view note) {
  const std::uint64_t done = std::min(part, whole_);
  const auto filled = static_cast<std::size_t>(done * kWidth / whole_);
  std::string line = title_ + " [" + std::string(filled, '#') + std::string(kWidth - filled, '.') +
                     "] " + std::to_string(done * 100 / whole_) + "% " + std::string(note);
  if (line == shown_) return;
  ShowStatus(line);
  shown_ = std::move(line);
}

}  // namespace offsetstore::cli
