// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <optional>

#include "stores.h"
#include "temp_dir.h"

namespace offsetstore::bench {
namespace {

/// As long as the line of one commit.
const std::string kLine(160, 'x');

const std::string& Folder() {
  static const testing::TempDir dir;
  static const std::string path = dir.path().string();
  return path;
}

void RawAppend(benchmark::State& state) {
  static int file = -1;
  if (state.thread_index() == 0) {
    file = ::open((Folder() + "/raw").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  }
  for (auto _ : state) {
    Require(::write(file, kLine.data(), kLine.size()) > 0 && ::fdatasync(file) == 0, "append");
  }
  if (state.thread_index() == 0) ::close(file);
  state.SetItemsProcessed(state.iterations());
}

void OneCommit(benchmark::State& state) {
  static std::unique_ptr<OffsetStore> store;
  static std::atomic<int> topics{0};
  if (state.thread_index() == 0 && store == nullptr) store = Open("file://" + Folder() + "/store");
  std::optional<Held> held;
  for (auto _ : state) {
    // Behind the loop's first barrier, where thread 0 has opened the store.
    if (!held) held = Claimed(*store, "bench", "t" + std::to_string(topics++ % 64), 1);
    CommitNext(*store, *held);
  }
  state.SetItemsProcessed(state.iterations());
}

Comparison With(int threads) {
  return {.name = "file: " + std::to_string(threads) + (threads == 1 ? " thread" : " threads"),
          .items = "positions",
          .raw_does =
              "for each position `write` of a line of the same length to one file opened "
              "with `O_APPEND`, then `fdatasync`",
          .raw = RawAppend,
          .ours = OneCommit,
          .threads = threads};
}

const PairOf kOne(With(1));
const PairOf kMany(With(16));

}  // namespace
}  // namespace offsetstore::bench
