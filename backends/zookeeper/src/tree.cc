// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <cstddef>
#include <utility>

#include "error.h"
#include "leaf.h"

namespace offsetstore::zookeeper {
namespace {

using ChildList = Result<std::vector<std::string>>;

/// One topic of one group, by the name of its node.
struct TopicNode {
  std::size_t group = 0;
  std::string node;
};

Error ForeignName(const std::string& path) {
  return MakeError(ErrorCode::kCorrupt,
                   "the node " + Printable(path) +
                       " has a name that neither Kafka 0.8 nor this store gives; rename it")
      .With("path", path);
}

void AddNodes(const ChildList& children, std::set<std::string>& nodes) {
  if (children) nodes.insert(children->begin(), children->end());
}

// The topics of every group that is not in error.
std::vector<TopicNode> FindTopics(Reads& reads,
                                  std::span<const GroupPaths> groups,
                                  std::vector<Result<GroupTree>>& trees) {
  std::vector<std::string> paths;
  for (const GroupPaths& group : groups) {
    paths.push_back(group.Offsets());
    paths.push_back(group.Own());
  }
  const std::vector<ChildList> lists = Children(reads, paths);
  std::vector<TopicNode> topics;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::set<std::string> nodes;
    for (const std::size_t at : {2 * i, 2 * i + 1}) {
      if (!lists[at]) trees[i] = lists[at].error();
      AddNodes(lists[at], nodes);
    }
    if (!trees[i]) continue;
    for (const std::string& node : nodes) topics.push_back({i, node});
  }
  return topics;
}

// Sorts the children of one topic's node into partitions and what is none.
void AddLeaves(const std::string& topic,
               const std::vector<std::string>& children,
               const std::string& path,
               GroupTree& tree) {
  std::vector<std::string> others;
  for (const std::string& child : children) {
    if (const auto partition = PartitionOfNode(child)) {
      tree.partitions.insert({topic, *partition});
    } else {
      others.push_back(child);
    }
  }
  std::map<std::int32_t, std::vector<std::string>> by_partition;
  for (const std::string& child : others) {
    const std::optional<std::int32_t> old = PartitionOf07(child);
    const bool alone = old && !tree.partitions.contains({topic, *old});
    by_partition[alone ? *old : kNoPartition].push_back(child);
  }
  for (const auto& [partition, names] : by_partition) {
    tree.foreign.emplace(TopicPartition{topic, partition}, ForeignChildren(names, path));
  }
}

void AddOwnNodes(const std::string& topic,
                 const std::vector<std::string>& children,
                 GroupTree& tree) {
  for (const std::string& child : children) {
    const auto partition = PartitionOfNode(child);
    if (!partition) continue;
    tree.partitions.insert({topic, *partition});
    tree.own.insert({topic, *partition});
  }
}

struct TopicLists {
  std::string path;
  const ChildList& leaves;
  const ChildList& own;
};

// Returns whether the topic's own data counts.
bool AddTopic(const TopicNode& topic, const TopicLists& lists, GroupTree& tree) {
  const std::optional<std::string> name = NameOfNode(topic.node);
  if (!name) {
    tree.foreign.emplace(TopicPartition{topic.node, kNoPartition}, ForeignName(lists.path));
    return false;
  }
  for (const ChildList* list : {&lists.leaves, &lists.own}) {
    if (*list) continue;
    tree.topics.insert_or_assign(*name, list->error());
  }
  if (lists.leaves) AddLeaves(*name, *lists.leaves, lists.path, tree);
  if (lists.own) AddOwnNodes(*name, *lists.own, tree);
  return static_cast<bool>(lists.leaves);
}

// Some programs keep all offsets of a topic in its own node; others may have added leaves to it.
void AddTopicData(const TopicNode& topic,
                  const Reply& reply,
                  const std::string& path,
                  GroupTree& tree,
                  Deadline deadline) {
  std::optional<Error> error;
  if (reply.code == ZOK) {
    error = TopicData(reply.node.data.value_or(""), path);
  } else if (reply.code != ZNONODE) {
    error = ToError(reply, Sending::kRead, path, deadline);
  }
  if (!error) return;
  tree.topics.emplace(NameOfNode(topic.node).value_or(topic.node), *std::move(error));
}

ChildList ToChildren(Reply& reply, const std::string& path, Deadline deadline) {
  if (reply.code == ZOK || reply.code == ZNONODE) return std::move(reply.children);
  return ToError(reply, Sending::kRead, path, deadline);
}

// Both folders of each topic and the data of Kafka's own, in one go.
void AddTopics(Reads& reads,
               std::span<const GroupPaths> groups,
               std::span<const TopicNode> topics,
               std::vector<Result<GroupTree>>& trees) {
  std::vector<Request> requests;
  const auto add = [&](Request::Kind kind, std::string path) {
    requests.push_back({.kind = kind, .path = std::move(path), .creator_all = false, .steps = {}});
  };
  for (const TopicNode& topic : topics) {
    add(Request::Kind::kChildren, Child(groups[topic.group].Offsets(), topic.node));
    add(Request::Kind::kChildren, Child(groups[topic.group].Own(), topic.node));
    add(Request::Kind::kGet, Child(groups[topic.group].Offsets(), topic.node));
  }
  std::vector<Reply> replies = reads.Run(requests);
  const Deadline deadline = reads.deadline();
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const std::size_t at = 3 * i;
    const std::string& path = requests[at].path;
    const ChildList leaves = ToChildren(replies[at], path, deadline);
    const ChildList own = ToChildren(replies[at + 1], requests[at + 1].path, deadline);
    GroupTree& tree = *trees[topics[i].group];
    if (!AddTopic(topics[i], {path, leaves, own}, tree)) continue;
    AddTopicData(topics[i], replies[at + 2], path, tree, deadline);
  }
}

}  // namespace

std::vector<Request> Requests(Request::Kind kind, std::span<const std::string> paths) {
  std::vector<Request> requests;
  requests.reserve(paths.size());
  for (const std::string& path : paths) {
    requests.push_back({.kind = kind, .path = path, .creator_all = false, .steps = {}});
  }
  return requests;
}

std::vector<Result<std::vector<std::string>>> Children(Reads& reads,
                                                       std::span<const std::string> paths) {
  std::vector<Request> requests = Requests(Request::Kind::kChildren, paths);
  std::vector<Reply> replies = reads.Run(requests);
  std::vector<ChildList> lists;
  lists.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    lists.push_back(ToChildren(replies[i], paths[i], reads.deadline()));
  }
  return lists;
}

std::vector<Result<GroupTree>> ListTrees(Reads& reads,
                                         std::span<const GroupPaths> groups,
                                         std::span<const std::string> topics) {
  std::vector<Result<GroupTree>> trees(groups.size(), GroupTree{});
  std::vector<TopicNode> nodes;
  if (topics.empty()) {
    nodes = FindTopics(reads, groups, trees);
  } else {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (const std::string& topic : topics) nodes.push_back({i, NodeName(topic)});
    }
  }
  AddTopics(reads, groups, nodes, trees);
  return trees;
}

}  // namespace offsetstore::zookeeper
