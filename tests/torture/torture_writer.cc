// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// torture_writer URI GROUP PARTITIONS NUMBER SEED HISTORY: works on the partitions of one group as
// many others do at the same time, at random, until SIGTERM or a kill, and writes down what it
// asked and what it was told. NUMBER is nobody else's.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "history_writer.h"
#include "offsetstore/builtin.h"
#include "offsetstore/open.h"

namespace {

using offsetstore::testing::HistoryFile;
using offsetstore::testing::HistoryWriter;

// What a signal handler may touch.
volatile std::sig_atomic_t ending = 0;

void EndOn(int /*signal*/) {
  ending = 1;
}

[[noreturn]] void Throw(const offsetstore::Error& error) {
  throw std::runtime_error(ToString(error));
}

std::unique_ptr<offsetstore::OffsetStore> Open(const char* uri) {
  offsetstore::BackendRegistry registry;
  if (auto status = RegisterBuiltinBackends(registry); !status) Throw(status.error());
  auto store = OpenStore(registry, uri, {}, offsetstore::Deadline::After(std::chrono::seconds(30)));
  if (!store) Throw(store.error());
  return *std::move(store);
}

int Work(char** argv) {
  const auto store = Open(argv[1]);
  HistoryFile file(argv[6]);
  HistoryWriter writer(*store,
                       {.group = argv[2],
                        .partitions = std::stoi(argv[3]),
                        .number = std::stoi(argv[4]),
                        .seed = static_cast<unsigned>(std::stoul(argv[5]))},
                       file);
  while (ending == 0) writer.Step();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  std::signal(SIGTERM, &EndOn);
  try {
    return Work(argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "torture_writer: %s\n", failure.what());
    return 1;
  }
}
