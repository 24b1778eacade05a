// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "temp_dir.h"

namespace offsetstore::testing {

/// Which records were processed how often, as the children wrote it.
struct Tally {
  std::uint64_t distinct = 0;
  std::uint64_t repeated = 0;
  std::uint64_t unexpected = 0;  ///< Beyond what was produced.
};

/// A topic with known records, and consumers of it in processes of their own.
class Fleet {
 public:
  /// Makes a new topic and fills it.
  Fleet(std::string brokers, int partitions, int records_each);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  [[nodiscard]] const std::string& topic() const noexcept { return topic_; }
  [[nodiscard]] const std::filesystem::path& dir() const noexcept { return dir_.path(); }
  [[nodiscard]] std::uint64_t records() const noexcept;
  void ProduceMore(int records_each);

  /// Starts a consumer with these properties (brokers and group are added); returns its number.
  int Start(const std::map<std::string, std::string>& properties);
  void Signal(int child, int signal);
  /// Waits for the end; returns the exit code, or -signal.
  int Wait(int child);
  void Kill(int child);
  [[nodiscard]] bool Running(int child);
  /// By SIGSTOP.
  [[nodiscard]] bool Stopped(int child) const;

  /// Lines in the results so far; cheap.
  [[nodiscard]] std::uint64_t Processed() const;
  [[nodiscard]] Tally Count() const;
  /// What a child reported, line by line, from line `from` on.
  [[nodiscard]] std::vector<std::string> Events(int child, std::size_t from = 0) const;

 private:
  [[nodiscard]] std::filesystem::path EventsPath(int child) const;

  TempDir dir_;
  std::string brokers_;
  std::string topic_;
  int partitions_;
  int records_each_ = 0;
  std::vector<pid_t> children_;  ///< 0 = ended.
};

}  // namespace offsetstore::testing
