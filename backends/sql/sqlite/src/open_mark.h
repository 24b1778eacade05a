// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <utility>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::sql {

/// Notes that this process has a database open. SQLite counts the locks of a process in memory,
/// and `fork` copies those counts without the locks: a connection that the child opens on the same
/// database believes to hold what it does not, and can destroy it. So the child is refused.
class OpenMark {
 public:
  /// `Unsupported` where `path` was open in the process that this one was forked from.
  [[nodiscard]] static Result<OpenMark> Make(const std::filesystem::path& path, Deadline deadline);

  OpenMark(OpenMark&& other) noexcept : id_(std::exchange(other.id_, 0)), pid_(other.pid_) {}
  OpenMark& operator=(OpenMark&&) = delete;
  ~OpenMark();

 private:
  OpenMark(std::uint64_t id, pid_t pid) noexcept : id_(id), pid_(pid) {}
  std::uint64_t id_;  // 0 = moved from
  pid_t pid_;
};

}  // namespace offsetstore::sql
