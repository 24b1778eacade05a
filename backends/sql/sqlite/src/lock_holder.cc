// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "lock_holder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

#include "busy_wait.h"
#include "offsetstore/types.h"

namespace offsetstore::sql {
namespace {

/// One line of /proc/locks: `1: POSIX  ADVISORY  WRITE 4242 fd:00:1311 120 120`.
struct LockLine {
  std::string number, type, strength, access, pid, file, first, last;
};

struct LockedByte {
  std::string inode;
  std::string byte;
};

std::string InodeOf(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? std::to_string(info.st_ino) : std::string();
}

bool Matches(const LockLine& line, const LockedByte& lock) {
  return line.type == "POSIX" && line.access == "WRITE" && line.first == lock.byte &&
         !lock.inode.empty() && line.file.ends_with(':' + lock.inode);
}

}  // namespace

std::optional<std::string> WriterOf(const std::filesystem::path& database) {
  // Bytes that SQLite's file format fixes: WAL_WRITE_LOCK in the -shm, RESERVED_BYTE in the file.
  const std::array locks = {LockedByte{InodeOf(database.string() + "-shm"), "120"},
                            LockedByte{InodeOf(database), "1073741825"}};
  std::ifstream list("/proc/locks");
  for (std::string text; std::getline(list, text);) {
    std::istringstream words(text);
    LockLine line;
    words >> line.number >> line.type >> line.strength >> line.access >> line.pid >> line.file >>
        line.first >> line.last;
    for (const LockedByte& lock : locks) {
      if (words && Matches(line, lock)) return line.pid;
    }
  }
  return std::nullopt;
}

Error BusyError(sqlite3* db) {
  const std::string path = PathOf(db);
  const std::optional<std::string> writer = WriterOf(path);
  std::string message = "another connection held the database until the deadline";
  if (writer) {
    const bool self = *writer == std::to_string(::getpid());
    message += self ? " (another connection of this process has its write lock)"
                    : " (process " + *writer + " has its write lock)";
  } else {
    message += "; `fuser` on the file shows who has it open";
  }
  return std::move(MakeError(ErrorCode::kDeadlineExceeded, message + "; nothing was applied")
                       .With("path", path));
}

}  // namespace offsetstore::sql
