// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offsetstore/result.h"

namespace offsetstore::cli {

/// The demo's evidence: a file to which a consumer appends the number of every record it has
/// processed, one `write(2)` each, so that a kill leaves either all of it or nothing.
class Results {
 public:
  static constexpr std::size_t kLineBytes = 10;  ///< Nine digits and a newline.
  static constexpr std::uint64_t kMost = 999999999;

  [[nodiscard]] static Result<Results> Open(const std::filesystem::path& file);
  Results(Results&& other) noexcept;
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;
  Results& operator=(Results&&) = delete;
  ~Results();

  [[nodiscard]] Status Add(std::uint64_t number) const;

 private:
  explicit Results(int fd) : fd_(fd) {}
  int fd_;
};

/// How many records a results file holds by now.
[[nodiscard]] std::uint64_t CountLines(const std::filesystem::path& file) noexcept;

struct Tally {
  std::uint64_t processed = 0;
  std::uint64_t lost = 0;      ///< Numbers that were never processed.
  std::uint64_t repeated = 0;  ///< Times that a number was processed once more.
};

/// Counts the numbers from 0 to `count` - 1. `where` is for errors.
class Counting {
 public:
  Counting(std::string where, std::uint64_t count) : where_(std::move(where)), times_(count, 0) {}
  /// `Corrupt` where it is no such number; `text` is how it was written.
  [[nodiscard]] Status Add(std::optional<std::uint64_t> number, std::string_view text);
  [[nodiscard]] Tally Total() const;

 private:
  std::string where_;
  std::vector<std::uint32_t> times_;
  std::uint64_t processed_ = 0;
};

/// Reads the file and counts how often each number from 0 to `count` - 1 stands there. `Corrupt`
/// for anything else in it.
[[nodiscard]] Result<Tally> CountResults(const std::filesystem::path& file, std::uint64_t count);

}  // namespace offsetstore::cli
