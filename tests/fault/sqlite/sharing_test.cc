// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// Several processes on one database.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "eventually.h"
#include "forked.h"
#include "sqlite_support.h"
#include "temp_dir.h"
#include "turns.h"

namespace offsetstore::testing {
namespace {

constexpr auto kShort = std::chrono::milliseconds(300);

/// Three processes commit as fast as they can, all from the same moment on. Each comes to its turn:
/// whoever committed is behind those who waited. Without an order the one that has just committed
/// is the first to ask again, and most turns stay with it.
void CheckFairness(const SqliteOptions& options) {
  constexpr int kProcesses = 3;
  MustOpen(options);
  const Turns turns(options.path);
  std::vector<std::unique_ptr<Forked>> processes;
  for (int i = 0; i < kProcesses; ++i) {
    processes.push_back(std::make_unique<Forked>([&options, i](const Forked::Send& send) {
      const auto store = MustOpen(options);
      send("ready");
      send(Turns::Contend(*store, i) ? "done" : "refused");
    }));
  }
  {
    SQLite::Database start = Connect(options.path);
    start.exec("BEGIN IMMEDIATE");
    for (const auto& process : processes) REQUIRE(process->Receive() == "ready");
    start.exec("ROLLBACK");
  }
  for (const auto& process : processes) {
    CHECK(process->Receive() == "done");
    CHECK(WEXITSTATUS(process->Join()) == 0);
  }
  const int changes = turns.Changes(kProcesses);
  MESSAGE("of 100 commits " << changes << " were followed by another process's");
  CHECK(changes >= 70);
}

TEST_CASE("three processes share the database fairly") {
  const TempDir folder;
  CheckFairness(At(folder / "offsets.db"));
}

TEST_CASE("three processes share a database without syncs fairly") {
  const TempDir folder;
  SqliteOptions options = At(folder / "offsets.db");
  options.synchronous = SqliteOptions::Synchronous::kNormal;
  CheckFairness(options);
}

bool IsLocked(const std::filesystem::path& lock_file) {
  const int file = ::open(lock_file.c_str(), O_RDWR | O_CLOEXEC);
  const bool locked = ::flock(file, LOCK_EX | LOCK_NB) != 0;
  ::close(file);
  return locked;
}

/// Begins a transaction that writes, as a caller's own code does, and stops inside it.
void StopInsideTransaction(const std::filesystem::path& path, const Forked::Send& send) {
  SQLite::Database db = Connect(path);
  db.exec("BEGIN IMMEDIATE");
  ::raise(SIGSTOP);
  db.exec("ROLLBACK");
  send("went on");
}

TEST_CASE("a process stopped inside a transaction: the others end at their deadline, then go on") {
  const TempDir folder;
  const std::filesystem::path path = folder / "offsets.db";
  MustOpen(At(path));
  Forked holder([&path](const Forked::Send& send) { StopInsideTransaction(path, send); });
  holder.AwaitStop();
  const auto store = MustOpen(At(path));
  const TestGroup group(*store, "g");

  const auto start = Deadline::Clock::now();
  const Move move = Advance(Orders(0), 1);
  const auto refused =
      store->Commit("g", std::span(&move, 1), Member(), Atomicity::kEach, Deadline::After(kShort));
  const auto waited = Deadline::Clock::now() - start;
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kDeadlineExceeded);
  CHECK_MESSAGE(Says(refused.error(), "process " + std::to_string(holder.pid())),
                refused.error().message);
  CHECK(waited >= kShort);
  CHECK(waited < 10 * kShort);
  CHECK(group.PositionOf(Orders(0)) == std::nullopt);  // reading does not wait

  holder.Signal(SIGCONT);
  CHECK(holder.Receive() == "went on");
  CHECK(group.Commit(move) == OutcomeCode::kApplied);
}

TEST_CASE("a process stopped in the turnstile delays the others and stops none") {
  const TempDir folder;
  const std::filesystem::path path = folder / "offsets.db";
  MustOpen(At(path));
  Forked blocker([&path](const Forked::Send& send) { StopInsideTransaction(path, send); });
  blocker.AwaitStop();
  Forked waiting([&path](const Forked::Send& send) {
    const auto store = MustOpen(At(path));
    send("ready");
    const TestGroup group(*store, "g");
    send(group.Commit(Advance(Orders(0), 1)).Ok() ? "committed" : "refused");
  });
  REQUIRE(waiting.Receive() == "ready");
  // Its commit cannot begin, so it is in the turnstile once it holds the lock file.
  REQUIRE(Eventually([&path] { return IsLocked(path.string() + "-offsetstore.lock"); }));
  waiting.Signal(SIGSTOP);
  waiting.AwaitStop();
  blocker.Signal(SIGCONT);
  CHECK(blocker.Receive() == "went on");

  const auto store = MustOpen(At(path));
  CHECK(TestGroup(*store, "g").Commit(Advance(Orders(1), 1)) == OutcomeCode::kApplied);
  waiting.Signal(SIGCONT);
  CHECK(waiting.Receive() == "committed");
}

TEST_CASE("many processes that make one store at once agree on one") {
  const TempDir folder;
  const std::filesystem::path path = folder / "offsets.db";
  std::vector<std::unique_ptr<Forked>> processes;
  processes.reserve(6);
  for (int i = 0; i < 6; ++i) {
    processes.push_back(std::make_unique<Forked>(
        [&path](const Forked::Send& send) { send(MustOpen(At(path))->Info().store_id); }));
  }
  std::vector<std::string> ids;
  ids.reserve(processes.size());
  for (const auto& process : processes) ids.push_back(process->Receive().value_or("nothing"));
  CHECK(ids[0].size() == 32);
  for (const std::string& id : ids) CHECK(id == ids[0]);
}

}  // namespace
}  // namespace offsetstore::testing
