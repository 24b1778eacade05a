// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "error.h"
#include "internal/macros.h"
#include "tree.h"

namespace offsetstore::zookeeper {
namespace {

/// Both nodes of one partition as they were read.
struct PairRead {
  PartitionState state;
  std::optional<std::int64_t> own_zxid;  // of our node
};

std::optional<Node> ToNode(Reply& reply) {
  if (reply.code != ZOK) return std::nullopt;
  return std::move(reply.node);
}

bool CannotRead(const Reply& reply) {
  return reply.code != ZOK && reply.code != ZNONODE;
}

Request Get(std::string path) {
  return {.kind = Request::Kind::kGet, .path = std::move(path), .creator_all = false, .steps = {}};
}

PairRead ToPair(const Request* requests, Reply* replies, Deadline deadline) {
  PairRead read;
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
    if (!CannotRead(replies[i])) continue;
    read.state.unreadable = ToError(replies[i], Sending::kRead, requests[i].path, deadline);
  }
  if (read.state.unreadable) return read;
  const NodePair pair{.own = ToNode(replies[0]), .leaf = ToNode(replies[1])};
  if (pair.own) read.own_zxid = pair.own->zxid;
  read.state = ToState(pair, requests[0].path, requests[1].path);
  return read;
}

// Our node first: where both do not agree, the leaf is the newer one.
std::vector<PairRead> ReadPairs(const Session& session,
                                const GroupPaths& paths,
                                std::span<const TopicPartition> partitions,
                                Deadline deadline) {
  std::vector<Request> requests;
  requests.reserve(2 * partitions.size() + 1);
  requests.push_back(Get(paths.group()));
  requests.front().kind = Request::Kind::kSync;
  for (const TopicPartition& at : partitions) {
    requests.push_back(Get(paths.OwnNode(at)));
    requests.push_back(Get(paths.Leaf(at)));
  }
  std::vector<Reply> replies = session.Run(requests, kReadWindow, deadline);
  std::vector<PairRead> pairs;
  pairs.reserve(partitions.size());
  for (std::size_t i = 1; i < requests.size(); i += 2) {
    pairs.push_back(ToPair(&requests[i], &replies[i], deadline));
  }
  return pairs;
}

// Of a pair that was read twice: nothing was committed while the first leaf was read.
bool SameOwn(const PairRead& one, const PairRead& other) {
  return one.own_zxid && one.own_zxid == other.own_zxid;
}

Read ToRead(const TopicPartition& at, PartitionState state) {
  if (state.unreadable) return Read{.at = at, .slot = *std::move(state.unreadable), .claim = {}};
  return internal::ToRead(at, std::move(state.record));
}

// Which pairs do not agree.
std::vector<std::size_t> Torn(const std::vector<PairRead>& pairs) {
  std::vector<std::size_t> torn;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].state.outside) torn.push_back(i);
  }
  return torn;
}

// A commit may have come between the two reads of a pair. Where our node is still the same after
// the leaf was read, none has: then somebody else changed the leaf.
void ReadTornAgain(const Session& session,
                   const GroupPaths& paths,
                   std::span<const TopicPartition> partitions,
                   std::vector<PairRead>& pairs,
                   Deadline deadline) {
  std::vector<std::size_t> torn = Torn(pairs);
  while (!torn.empty()) {
    std::vector<TopicPartition> again;
    again.reserve(torn.size());
    for (const std::size_t i : torn) again.push_back(partitions[i]);
    std::vector<PairRead> second = ReadPairs(session, paths, again, deadline);
    std::vector<std::size_t> still;
    for (std::size_t n = 0; n < torn.size(); ++n) {
      PairRead& pair = pairs[torn[n]];
      if (SameOwn(pair, second[n])) continue;
      pair = std::move(second[n]);
      if (pair.state.outside) still.push_back(torn[n]);
    }
    torn = std::move(still);
  }
}

// Why a partition without a position may still have one.
const Error* ErrorOf(const GroupTree& tree, const TopicPartition& at) {
  if (const auto topic = tree.topics.find(at.topic); topic != tree.topics.end()) {
    return &topic->second;
  }
  const auto foreign = tree.foreign.find(at);
  return foreign == tree.foreign.end() ? nullptr : &foreign->second;
}

bool IsAbsent(const Read& read) {
  return std::holds_alternative<Absent>(read.slot);
}

}  // namespace

std::vector<PartitionState> Reader::States(const GroupPaths& paths,
                                           std::span<const TopicPartition> partitions,
                                           Deadline deadline) const {
  std::vector<PairRead> pairs = ReadPairs(session_, paths, partitions, deadline);
  ReadTornAgain(session_, paths, partitions, pairs, deadline);
  std::vector<PartitionState> states;
  states.reserve(pairs.size());
  for (PairRead& pair : pairs) states.push_back(std::move(pair.state));
  return states;
}

// A partition that reads as absent may have a position in another program's dialect: that is no
// "absent", from which somebody would start anew.
void Reader::NameForeign(const GroupPaths& paths,
                         std::vector<Read>& reads,
                         Deadline deadline) const {
  std::set<std::string> topics;
  for (const Read& read : reads) {
    if (IsAbsent(read)) topics.insert(read.at.topic);
  }
  if (topics.empty()) return;
  const std::vector<std::string> list(topics.begin(), topics.end());
  const Result<GroupTree> tree = ListTrees(session_, {&paths, 1}, list, deadline)[0];
  for (Read& read : reads) {
    if (!IsAbsent(read)) continue;
    if (const Error* error = tree ? ErrorOf(*tree, read.at) : &tree.error()) read.slot = *error;
  }
}

Answers<Read> Reader::Fetch(const GroupPaths& paths,
                            const Selection& selection,
                            Deadline deadline) const {
  std::vector<Read> reads;
  std::vector<PartitionState> named = States(paths, selection.partitions, deadline);
  reads.reserve(named.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    reads.push_back(ToRead(selection.partitions[i], std::move(named[i])));
  }
  NameForeign(paths, reads, deadline);
  if (!selection.partitions.empty() && selection.topics.empty()) return reads;

  OS_ASSIGN_OR_RETURN(const GroupTree tree,
                      ListTrees(session_, {&paths, 1}, selection.topics, deadline)[0]);
  const std::vector<TopicPartition> found(tree.partitions.begin(), tree.partitions.end());
  std::vector<PartitionState> states = States(paths, found, deadline);
  std::map<TopicPartition, Read> sorted;
  for (const auto& [at, error] : tree.foreign) {
    sorted.emplace(at, Read{.at = at, .slot = error, .claim = {}});
  }
  for (const auto& [topic, error] : tree.topics) {
    const TopicPartition at{topic, kNoPartition};
    sorted.insert_or_assign(at, Read{.at = at, .slot = error, .claim = {}});
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!states[i].unreadable && !internal::IsVisible(states[i].record)) continue;
    Read read = ToRead(found[i], std::move(states[i]));
    // A 0.7 node beside a claim without a position.
    if (IsAbsent(read) && sorted.contains(found[i])) continue;
    sorted.insert_or_assign(found[i], std::move(read));
  }
  for (auto& [at, read] : sorted) reads.push_back(std::move(read));
  return reads;
}

}  // namespace offsetstore::zookeeper
