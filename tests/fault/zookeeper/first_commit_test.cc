// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The first commit of this store over a position that only another program had written.
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "in_threads.h"
#include "zookeeper_support.h"

namespace offsetstore::testing {
namespace {

constexpr const char* kOurs = "ours";

/// Old positions of one topic, at 5.
struct OldTopic {
  OwnTree& tree;
  std::string topic;
  std::vector<TopicPartition> places = PartitionsOf(topic, 40);
  std::atomic<bool> over = false;

  void Make() const {
    for (const TopicPartition& at : places) {
      tree.client.Set(tree.Path("offsets/" + topic + '/' + std::to_string(at.partition)), "5");
    }
  }
  void CommitOneByOne() {
    for (const TopicPartition& at : places) {
      if (!tree.Group().Commit(WithMetadata(Advance(at, 6), kOurs)).Ok()) {
        throw std::runtime_error("the commit was refused");
      }
    }
    over = true;
  }
  void LookUntilOver() const {
    const Deadline deadline = Soon();
    while (!over && !deadline.Passed()) {
      Check(tree.store->Fetch("g", {{}, {topic}}, deadline));
      Check(tree.store->Fetch("g", {places, {}}, deadline));
    }
  }
  void Check(const Answers<Read>& reads) const {
    if (!reads || reads->size() != places.size()) throw std::runtime_error("cannot be read");
    for (const Read& read : *reads) {
      const auto& entry = std::get<Entry>(read.slot);
      if ((entry.position == Position(6)) != (entry.metadata == kOurs)) {
        throw std::runtime_error("half of a commit at " + ToString(read.at));
      }
    }
  }
};

}  // namespace

TEST_CASE("a read beside the first commit over an old position sees all of the commit or none") {
  constexpr int kRounds = 10;
  OwnTree tree;
  for (int round = 0; round < kRounds; ++round) {
    OldTopic topic{tree, "orders-" + std::to_string(round)};
    topic.Make();
    InThreads(2, [&](int i) { i == 0 ? topic.CommitOneByOne() : topic.LookUntilOver(); });
    CHECK(topic.over);
  }
}

}  // namespace offsetstore::testing
