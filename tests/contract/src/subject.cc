// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/subject.h"

#include <stdexcept>
#include <utility>

namespace offsetstore::testing {

Subject::Subject(Storage& on) : storage(on), store(Open()) {}

std::unique_ptr<OffsetStore> Subject::Open(std::string_view space) {
  auto opened = storage.Open(space);
  if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
  return *std::move(opened);
}

void Subject::Reopen() {
  const Status closed = store->Close(Soon());
  if (!closed) throw std::runtime_error("close: " + ToString(closed.error()));
  store.reset();
  store = Open();
}

TestGroup Subject::Group(std::string_view stem) const {
  return {*store, Unique(stem)};
}

std::vector<TopicPartition> Subject::Partitions(int count) {
  auto partitions = PartitionsOf("contract", count);
  storage.Prepare(partitions);
  return partitions;
}

TopicPartition Subject::Partition() {
  return Partitions(1).front();
}

}  // namespace offsetstore::testing
