// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "error.h"
#include "leaf.h"

namespace offsetstore::zookeeper {
namespace {

using ChildList = Result<std::vector<std::string>>;

/// One topic of one group, by the name of its node, and which of its two folders there may be.
struct TopicNode {
  std::size_t group = 0;
  std::string node;
  bool leaves = true;
  bool own = true;
};

Error ForeignName(const std::string& path) {
  return MakeError(ErrorCode::kCorrupt,
                   "the node " + Printable(path) +
                       " has a name that neither Kafka 0.8 nor this store gives; rename it")
      .With("path", path);
}

std::set<std::string> NamesIn(const ChildList& children) {
  if (!children) return {};
  return {children->begin(), children->end()};
}

void AddNodes(std::size_t group,
              const std::set<std::string>& leaves,
              const std::set<std::string>& own,
              std::vector<TopicNode>& topics) {
  for (const std::string& node : leaves) topics.push_back({group, node, true, own.contains(node)});
  for (const std::string& node : own) {
    if (!leaves.contains(node)) topics.push_back({group, node, false, true});
  }
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
    for (const std::size_t at : {2 * i, 2 * i + 1}) {
      if (!lists[at]) trees[i] = lists[at].error();
    }
    if (trees[i]) AddNodes(i, NamesIn(lists[2 * i]), NamesIn(lists[2 * i + 1]), topics);
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

ChildList ToChildren(Reply& reply, const std::string& path, Deadline deadline) {
  if (reply.code == ZOK || reply.code == ZNONODE) return std::move(reply.children);
  return ToError(reply, Sending::kRead, path, deadline);
}

// Some programs keep all offsets of a topic in its own node; others may have added leaves to it.
void AddTopicData(Reads& reads,
                  std::span<const GroupPaths> groups,
                  std::span<const TopicNode* const> topics,
                  std::vector<Result<GroupTree>>& trees) {
  std::vector<std::string> paths;
  paths.reserve(topics.size());
  for (const TopicNode* topic : topics) {
    paths.push_back(Child(groups[topic->group].Offsets(), topic->node));
  }
  std::vector<Request> requests = Requests(Request::Kind::kGet, paths);
  const std::vector<Reply> replies = reads.Run(requests);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    std::optional<Error> error;
    if (replies[i].code == ZOK) {
      error = TopicData(replies[i].node.data.value_or(""), paths[i]);
    } else if (replies[i].code != ZNONODE) {
      error = ToError(replies[i], Sending::kRead, paths[i], reads.deadline());
    }
    const std::string name = NameOfNode(topics[i]->node).value_or(topics[i]->node);
    if (error) trees[topics[i]->group]->topics.emplace(name, *std::move(error));
  }
}

std::vector<Request> FolderRequests(std::span<const GroupPaths> groups,
                                    std::span<const TopicNode> topics) {
  std::vector<std::string> paths;
  for (const TopicNode& topic : topics) {
    const GroupPaths& group = groups[topic.group];
    if (topic.leaves) paths.push_back(Child(group.Offsets(), topic.node));
    if (topic.own) paths.push_back(Child(group.Own(), topic.node));
  }
  return Requests(Request::Kind::kChildren, paths);
}

// The folders of each topic in one go; then what stands in the nodes of those that have data.
void AddTopics(Reads& reads,
               std::span<const GroupPaths> groups,
               std::span<const TopicNode> topics,
               std::vector<Result<GroupTree>>& trees) {
  std::vector<Request> requests = FolderRequests(groups, topics);
  std::vector<Reply> replies = reads.Run(requests);
  std::vector<const TopicNode*> with_data;
  std::size_t next = 0;
  const auto take = [&](bool asked) -> ChildList {
    if (!asked) return std::vector<std::string>();
    const std::size_t at = next++;
    return ToChildren(replies[at], requests[at].path, reads.deadline());
  };
  for (const TopicNode& topic : topics) {
    const bool has_data = topic.leaves && replies[next].data_bytes > 0;
    const ChildList leaves = take(topic.leaves);
    const ChildList own = take(topic.own);
    const std::string path = Child(groups[topic.group].Offsets(), topic.node);
    const bool counts = AddTopic(topic, {path, leaves, own}, *trees[topic.group]);
    if (counts && has_data) with_data.push_back(&topic);
  }
  AddTopicData(reads, groups, with_data, trees);
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
      for (const std::string& topic : topics) nodes.push_back({i, NodeName(topic), true, true});
    }
  }
  AddTopics(reads, groups, nodes, trees);
  return trees;
}

}  // namespace offsetstore::zookeeper
