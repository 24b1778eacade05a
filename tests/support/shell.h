// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace offsetstore::testing {

/// What a shell command prints, standard error too. Throws where it fails; bound it by `timeout`.
[[nodiscard]] inline std::string ShellOutput(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen " + command);
  std::string output;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  const int status = ::pclose(pipe);
  if (status != 0) throw std::runtime_error(command + ": " + output);
  return output;
}

}  // namespace offsetstore::testing
