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

// From so many partitions on it pays to look first which of them have a node of ours.
constexpr std::size_t kMany = 8;

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
std::vector<PairRead> ReadPairs(Reads& reads,
                                const GroupPaths& paths,
                                std::span<const TopicPartition> partitions) {
  std::vector<Request> requests;
  requests.reserve(2 * partitions.size() + 1);  // One for `reads`.
  for (const TopicPartition& at : partitions) {
    requests.push_back(Get(paths.OwnNode(at)));
    requests.push_back(Get(paths.Leaf(at)));
  }
  std::vector<Reply> replies = reads.Run(requests);
  std::vector<PairRead> pairs;
  pairs.reserve(partitions.size());
  for (std::size_t i = 0; i < requests.size(); i += 2) {
    pairs.push_back(ToPair(&requests[i], &replies[i], reads.deadline()));
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
void ReadTornAgain(Reads& reads,
                   const GroupPaths& paths,
                   std::span<const TopicPartition> partitions,
                   std::vector<PairRead>& pairs) {
  std::vector<std::size_t> torn = Torn(pairs);
  while (!torn.empty()) {
    std::vector<TopicPartition> again;
    again.reserve(torn.size());
    for (const std::size_t i : torn) again.push_back(partitions[i]);
    std::vector<PairRead> second = ReadPairs(reads, paths, again);
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

using Topics = std::vector<std::string>;

Topics TopicsOf(std::span<const TopicPartition> partitions) {
  std::set<std::string> topics;
  for (const TopicPartition& at : partitions) topics.insert(at.topic);
  return {topics.begin(), topics.end()};
}

std::vector<TopicPartition> Pick(std::span<const TopicPartition> partitions,
                                 const std::vector<std::size_t>& indices) {
  std::vector<TopicPartition> picked;
  picked.reserve(indices.size());
  for (const std::size_t i : indices) picked.push_back(partitions[i]);
  return picked;
}

// The folders that hold our nodes of these topics.
std::vector<std::string> OwnFolders(const GroupPaths& paths, const Topics& topics) {
  std::vector<std::string> folders;
  folders.reserve(topics.size());
  for (const std::string& topic : topics) folders.push_back(Child(paths.Own(), NodeName(topic)));
  return folders;
}

void AddOwn(const std::string& topic,
            const std::vector<std::string>& children,
            std::set<TopicPartition>& own) {
  for (const std::string& child : children) {
    if (const auto partition = PartitionOfNode(child)) own.insert({topic, *partition});
  }
}

// Reads leaves without a node of ours beside them, and says for which that is not sure. No store
// deletes such a node: where there is none after the leaf was read, there was none beside it.
std::vector<bool> ReadLeaves(Reads& reads,
                             const GroupPaths& paths,
                             std::span<const TopicPartition> partitions,
                             std::vector<PartitionState>& states) {
  std::vector<Request> requests;
  for (const TopicPartition& at : partitions) requests.push_back(Get(paths.Leaf(at)));
  const Topics topics = TopicsOf(partitions);
  for (std::string& folder : OwnFolders(paths, topics)) {
    requests.push_back(Get(std::move(folder)));
    requests.back().kind = Request::Kind::kChildren;
  }
  std::vector<Reply> replies = reads.Run(requests);
  std::set<TopicPartition> own;
  std::set<std::string> unknown;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const Reply& reply = replies[partitions.size() + i];
    if (CannotRead(reply)) unknown.insert(topics[i]);
    AddOwn(topics[i], reply.children, own);
  }
  std::vector<bool> unsure;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const TopicPartition& at = partitions[i];
    unsure.push_back(CannotRead(replies[i]) || unknown.contains(at.topic) || own.contains(at));
    if (unsure.back()) continue;
    const NodePair pair{.own = {}, .leaf = ToNode(replies[i])};
    states[i] = ToState(pair, paths.OwnNode(at), requests[i].path);
  }
  return unsure;
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

std::vector<PartitionState> Reader::States(std::span<const TopicPartition> partitions) {
  std::vector<PairRead> pairs = ReadPairs(reads_, paths_, partitions);
  ReadTornAgain(reads_, paths_, partitions, pairs);
  std::vector<PartitionState> states;
  states.reserve(pairs.size());
  for (PairRead& pair : pairs) states.push_back(std::move(pair.state));
  return states;
}

std::vector<PartitionState> Reader::StatesBeside(const std::set<TopicPartition>& own,
                                                 std::span<const TopicPartition> partitions) {
  std::vector<std::size_t> pairs;
  std::vector<std::size_t> leaves;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    (own.contains(partitions[i]) ? pairs : leaves).push_back(i);
  }
  std::vector<PartitionState> states(partitions.size());
  if (!leaves.empty()) {
    std::vector<PartitionState> alone(leaves.size());
    const std::vector<bool> unsure = ReadLeaves(reads_, paths_, Pick(partitions, leaves), alone);
    for (std::size_t n = 0; n < leaves.size(); ++n) {
      if (unsure[n]) pairs.push_back(leaves[n]);
      states[leaves[n]] = std::move(alone[n]);
    }
  }
  std::vector<PartitionState> both = States(Pick(partitions, pairs));
  for (std::size_t n = 0; n < pairs.size(); ++n) states[pairs[n]] = std::move(both[n]);
  return states;
}

// Groups that only old consumers wrote have no nodes of ours: half of the requests are saved.
std::vector<PartitionState> Reader::StatesByName(std::span<const TopicPartition> partitions) {
  if (partitions.size() > 1 && cache_.IsBare(paths_)) return StatesBeside({}, partitions);
  if (partitions.size() < kMany) return States(partitions);
  const Topics topics = TopicsOf(partitions);
  const auto lists = Children(reads_, OwnFolders(paths_, topics));
  std::set<TopicPartition> own;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (!lists[i]) return States(partitions);
    AddOwn(topics[i], *lists[i], own);
  }
  return StatesBeside(own, partitions);
}

// A partition that reads as absent may have a position in another program's dialect: that is no
// "absent", from which somebody would start anew.
void Reader::NameForeign(std::vector<Read>& reads) {
  std::set<std::string> topics;
  for (const Read& read : reads) {
    if (IsAbsent(read)) topics.insert(read.at.topic);
  }
  if (topics.empty()) return;
  const std::vector<std::string> list(topics.begin(), topics.end());
  const Result<GroupTree> tree = ListTrees(reads_, {&paths_, 1}, list)[0];
  for (Read& read : reads) {
    if (!IsAbsent(read)) continue;
    if (const Error* error = tree ? ErrorOf(*tree, read.at) : &tree.error()) read.slot = *error;
  }
}

Answers<Read> Reader::Fetch(const Selection& selection) {
  std::vector<Read> reads;
  std::vector<PartitionState> named = StatesByName(selection.partitions);
  reads.reserve(named.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    reads.push_back(ToRead(selection.partitions[i], std::move(named[i])));
  }
  NameForeign(reads);
  if (!selection.partitions.empty() && selection.topics.empty()) return reads;

  OS_ASSIGN_OR_RETURN(const GroupTree tree, ListTrees(reads_, {&paths_, 1}, selection.topics)[0]);
  if (selection.topics.empty()) cache_.SetBare(paths_, tree.own.empty());
  const std::vector<TopicPartition> found(tree.partitions.begin(), tree.partitions.end());
  std::vector<PartitionState> states = StatesBeside(tree.own, found);
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
