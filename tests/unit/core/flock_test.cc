// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/flock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>
#include <vector>

#include "temp_dir.h"

namespace offsetstore::internal {
namespace {

using std::chrono::milliseconds;
using testing::TempDir;

TEST_CASE("one holder at a time, and the next goes on when it lets go") {
  const TempDir dir;
  std::atomic<int> inside{0};
  std::atomic<int> alone{0};
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto file = LockFile::Open(dir / "lock");
      for (int round = 0; file && round < 50; ++round) {
        if (!file->Lock(Deadline::After(std::chrono::seconds(30)))) return;
        const LockGuard guard(*file);
        if (++inside == 1) ++alone;
        --inside;
      }
    });
  }
  threads.clear();
  CHECK(alone == 200);
}

TEST_CASE("a lock that is held runs into the deadline, which names the file") {
  const TempDir dir;
  auto holder = LockFile::Open(dir / "lock");
  auto waiter = LockFile::Open(dir / "lock");
  REQUIRE(holder);
  REQUIRE(waiter);
  REQUIRE(holder->Lock(Deadline::After(milliseconds(100))));
  const Status late = waiter->Lock(Deadline::After(milliseconds(5)));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::kDeadlineExceeded);
  CHECK(late.error().message.find((dir / "lock").string()) != std::string::npos);
  holder->Unlock();
  CHECK(waiter->Lock(Deadline::After(milliseconds(0))));
}

TEST_CASE("a lock goes with its file object") {
  const TempDir dir;
  {
    auto first = LockFile::Open(dir / "lock");
    REQUIRE(first);
    REQUIRE(first->Lock(Deadline::After(milliseconds(100))));
    LockFile moved = *std::move(first);
    auto second = LockFile::Open(dir / "lock");
    REQUIRE(second);
    CHECK_FALSE(second->Lock(Deadline::After(milliseconds(0))));
    moved = *std::move(second);
  }
  auto third = LockFile::Open(dir / "lock");
  REQUIRE(third);
  CHECK(third->Lock(Deadline::After(milliseconds(0))));
}

TEST_CASE("a guard that was undone early lets go once") {
  const TempDir dir;
  auto first = LockFile::Open(dir / "lock");
  auto second = LockFile::Open(dir / "lock");
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(first->Lock(Deadline::After(milliseconds(100))));
  {
    LockGuard guard(*first);
    guard.Unlock();
    REQUIRE(second->Lock(Deadline::After(milliseconds(0))));
  }
  CHECK_FALSE(first->Lock(Deadline::After(milliseconds(0))));
}

TEST_CASE("a lock file is private and never a symlink or a folder") {
  const TempDir dir;
  REQUIRE(LockFile::Open(dir / "lock"));
  struct stat status {};
  REQUIRE(::stat((dir / "lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  std::filesystem::create_symlink(dir / "lock", dir / "link");
  const auto link = LockFile::Open(dir / "link");
  REQUIRE_FALSE(link);
  CHECK(link.error().code == ErrorCode::kConfigInvalid);
  std::filesystem::create_directory(dir / "folder");
  const auto folder = LockFile::Open(dir / "folder");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == ErrorCode::kConfigInvalid);
  CHECK_FALSE(LockFile::Open(dir / "none" / "lock"));
}

TEST_CASE("the kernel's errors say what the caller should do") {
  CHECK(ErrnoError(EACCES, "x").code == ErrorCode::kPermissionDenied);
  CHECK(ErrnoError(EROFS, "x").code == ErrorCode::kPermissionDenied);
  CHECK(ErrnoError(EISDIR, "x").code == ErrorCode::kConfigInvalid);
  CHECK(ErrnoError(ELOOP, "x").code == ErrorCode::kConfigInvalid);
  CHECK(ErrnoError(ENOSPC, "x").code == ErrorCode::kUnavailable);
  CHECK(ErrnoError(ENOSPC, "x").retry == Retry::kNever);
  CHECK(ErrnoError(EAGAIN, "x").retry == Retry::kSafe);
  CHECK(ErrnoError(EIO, "write /x").native == EIO);
  CHECK(ErrnoError(EIO, "write /x").message == "write /x: Input/output error");
}

}  // namespace
}  // namespace offsetstore::internal
