// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace offsetstore::cli {

/// A bar on standard error while something takes long; nothing at all where that is no terminal.
class Progress {
 public:
  Progress(std::string_view title, std::uint64_t whole);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Takes the bar away.
  ~Progress();

  void Show(std::uint64_t part, std::string_view note);

 private:
  std::string title_;
  std::uint64_t whole_;
  std::string shown_;
};

}  // namespace offsetstore::cli
