// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

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
  if (state.thread_index() == 0 && store == nullptr) store = Open("file://" + Folder() + "/store");
  const Owner by = ThisProcess(Owner::Kind::kMember);
  std::vector<Move> moves;
  for (auto _ : state) {
    // Behind the loop's first barrier, where thread 0 has opened the store.
    if (moves.empty()) {
      static std::atomic<int> runs{0};
      moves = Claimed(*store, "t" + std::to_string(runs++ % 64), 1);
      moves[0].to = Position(Now().time_since_epoch().count());
    }
    CommitNext(*store, moves, by);
  }
  state.SetItemsProcessed(state.iterations());
}

const PairOf kOne("file, 1 thread, append and fdatasync", RawAppend, OneCommit);
const PairOf kMany("file, 16 threads, append and fdatasync", RawAppend, OneCommit, 16);

}  // namespace
}  // namespace offsetstore::bench
