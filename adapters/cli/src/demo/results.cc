// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/results.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/error.h"

namespace offsetstore::cli {
namespace {

/// The number of a line that `Results::Add` wrote; none for any other line.
std::optional<std::uint64_t> NumberIn(std::string_view line) {
  if (line.size() + 1 != Results::kLineBytes) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : line) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace

Result<Results> Results::Open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd >= 0) return Results(fd);
  return MakeError(ErrorCode::kUnavailable,
                   "cannot open " + file.string() + ": " + std::generic_category().message(errno));
}

Results::Results(Results&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Results::~Results() {
  if (fd_ >= 0) ::close(fd_);
}

Status Results::Add(std::uint64_t number) const {
  std::array<char, kLineBytes + 1> line{};
  std::snprintf(line.data(), line.size(), "%09llu\n", static_cast<unsigned long long>(number));
  if (::write(fd_, line.data(), kLineBytes) == static_cast<ssize_t>(kLineBytes)) return {};
  return MakeError(ErrorCode::kUnavailable,
                   "cannot write a result: " + std::generic_category().message(errno));
}

std::uint64_t CountLines(const std::filesystem::path& file) noexcept {
  std::error_code missing;  // Not there yet: nothing is processed.
  const std::uintmax_t bytes = std::filesystem::file_size(file, missing);
  return missing ? 0 : bytes / Results::kLineBytes;
}

Status Counting::Add(std::optional<std::uint64_t> number, std::string_view text) {
  if (!number || *number >= times_.size()) {
    return MakeError(ErrorCode::kCorrupt, where_ + ": '" + Printable(text) + "'");
  }
  ++times_[static_cast<std::size_t>(*number)];
  ++processed_;
  return {};
}

Tally Counting::Total() const {
  Tally tally{.processed = processed_};
  tally.lost = static_cast<std::uint64_t>(std::count(times_.begin(), times_.end(), 0U));
  tally.repeated = processed_ - (times_.size() - tally.lost);
  return tally;
}

Result<Tally> CountResults(const std::filesystem::path& file, std::uint64_t count) {
  Counting counting(file.string(), count);
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    OS_RETURN_IF_ERROR(counting.Add(NumberIn(line), line));
  }
  return counting.Total();
}

}  // namespace offsetstore::cli
