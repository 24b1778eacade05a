// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// A disk that is really full: a small file system of its own. What io_error_test.cc does by
// simulation on every machine, this does with the kernel's own errors.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "forked.h"
#include "skip.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

/// In the namespace of the child alone: it goes with it.
void MountSmallDisk(const std::filesystem::path& at) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=512k") != 0) {
    throw std::system_error(errno, std::generic_category(), "mount");
  }
}

/// Takes all the room that is left.
void Fill(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::array<char, 512> block{};
  while (::write(file, block.data(), block.size()) > 0) {
  }
  ::close(file);
}

/// Commits more and more until the disk is full; returns the error and the last position that was
/// acknowledged.
std::pair<Error, std::int64_t> CommitUntilFull(const TestGroup& group, const ClaimToken& token) {
  for (std::int64_t to = 1;; ++to) {
    const Move move = WithMetadata(Advance(Orders(0), to, token), std::string(8000, 'm'));
    const auto done =
        group.store().Commit(group.name(), std::span(&move, 1), Member(), Atomicity::kEach, Soon());
    if (!done) return {done.error(), to - 1};
    if (!done->front().Ok()) throw std::runtime_error(Describe(done->front()));
  }
}

void FillAndGoOn(const std::filesystem::path& disk, const Forked::Send& send) {
  MountSmallDisk(disk);
  const auto store = MustOpen(At(disk / "offsets.db"));
  const TestGroup group(*store, "g");
  const ClaimToken token = group.MustClaim(Orders(0));
  Fill(disk / "filler");
  const auto [error, last] = CommitUntilFull(group, token);
  send(ToString(error));
  send(group.PositionOf(Orders(0)).value_or(0) == last ? "intact" : "changed");
  std::filesystem::remove(disk / "filler");
  send(group.Commit(Advance(Orders(0), last + 1, token)).Ok() ? "went on" : "refused");
}

TEST_CASE("a full disk is said, loses nothing, and passes") {
  NeedsMounts();
  const TempDir folder;
  Forked child([&folder](const Forked::Send& send) { FillAndGoOn(folder.path(), send); });
  const std::string error = child.Receive().value_or("");
  CHECK_MESSAGE(error.find("Unavailable") != std::string::npos, error);
  CHECK_MESSAGE(error.find("full") != std::string::npos, error);
  CHECK(child.Receive() == "intact");
  CHECK(child.Receive() == "went on");
}

/// Leaves `pages` pages of room, and says what opening a store there says.
void OpenWithRoom(const std::filesystem::path& disk, int pages, const Forked::Send& send) {
  MountSmallDisk(disk);
  constexpr std::size_t kPage = 4096;
  std::ofstream(disk / "room", std::ios::binary)
      << std::string(kPage * static_cast<std::size_t>(pages), 'r');
  Fill(disk / "filler");
  std::filesystem::remove(disk / "room");
  const auto store = TryOpen(At(disk / "offsets.db"));
  send(store ? "opened" : ToString(store.error()));
}

TEST_CASE("however little room is left, opening says that the disk is full, and says it once") {
  NeedsMounts();
  for (int pages = 0; pages <= 16; ++pages) {
    CAPTURE(pages);
    const TempDir folder;
    Forked child([&](const Forked::Send& send) { OpenWithRoom(folder.path(), pages, send); });
    const std::string error = child.Receive().value_or("");
    if (error == "opened") continue;
    INFO(error);
    CHECK(error.find("is full") != std::string::npos);
    CHECK(error.find("full (") == std::string::npos);
    CHECK(error.find("O error: reading") == std::string::npos);
  }
}

TEST_CASE("a store cannot be made on a full disk, and leaves no half of one") {
  NeedsMounts();
  const TempDir folder;
  Forked child([&folder](const Forked::Send& send) {
    MountSmallDisk(folder.path());
    Fill(folder / "filler");
    auto store = TryOpen(At(folder / "offsets.db"));
    send(store ? "opened" : ToString(store.error()));
    std::filesystem::remove(folder / "filler");
    send(TryOpen(At(folder / "offsets.db")) ? "opened" : "refused");
  });
  const std::string error = child.Receive().value_or("");
  CHECK_MESSAGE(error.find("Unavailable") != std::string::npos, error);
  CHECK(child.Receive() == "opened");
}

}  // namespace
}  // namespace offsetstore::testing
