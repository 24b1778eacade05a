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
std::vector<TopicNode> FindTopics(const Session& session,
                                  std::span<const GroupPaths> groups,
                                  std::vector<Result<GroupTree>>& trees,
                                  Deadline deadline) {
  std::vector<std::string> paths;
  for (const GroupPaths& group : groups) {
    paths.push_back(group.Offsets());
    paths.push_back(group.Own());
  }
  const std::vector<ChildList> lists = Children(session, paths, deadline);
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

// Returns whether the topic's own data must be looked at.
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
void AddTopicData(const Session& session,
                  std::span<const GroupPaths> groups,
                  std::span<const TopicNode> topics,
                  std::vector<Result<GroupTree>>& trees,
                  Deadline deadline) {
  std::vector<std::string> paths;
  paths.reserve(topics.size());
  for (const TopicNode& topic : topics) {
    paths.push_back(Child(groups[topic.group].Offsets(), topic.node));
  }
  const std::vector<Reply> replies =
      session.Run(Requests(Request::Kind::kGet, paths), kReadWindow, deadline);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    std::optional<Error> error;
    if (replies[i].code == ZOK) {
      error = TopicData(replies[i].node.data.value_or(""), paths[i]);
    } else if (replies[i].code != ZNONODE) {
      error = ToError(replies[i], Sending::kRead, paths[i], deadline);
    }
    if (!error) continue;
    const std::string name = NameOfNode(topics[i].node).value_or(topics[i].node);
    trees[topics[i].group]->topics.emplace(name, *std::move(error));
  }
}

void AddTopics(const Session& session,
               std::span<const GroupPaths> groups,
               std::span<const TopicNode> topics,
               std::vector<Result<GroupTree>>& trees,
               Deadline deadline) {
  std::vector<std::string> paths;
  for (const TopicNode& topic : topics) {
    paths.push_back(Child(groups[topic.group].Offsets(), topic.node));
    paths.push_back(Child(groups[topic.group].Own(), topic.node));
  }
  const std::vector<ChildList> lists = Children(session, paths, deadline);
  std::vector<TopicNode> readable;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const TopicLists found{paths[2 * i], lists[2 * i], lists[2 * i + 1]};
    if (AddTopic(topics[i], found, *trees[topics[i].group])) readable.push_back(topics[i]);
  }
  AddTopicData(session, groups, readable, trees, deadline);
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

std::vector<Result<std::vector<std::string>>> Children(const Session& session,
                                                       std::span<const std::string> paths,
                                                       Deadline deadline) {
  std::vector<ChildList> lists;
  if (paths.empty()) return lists;
  std::vector<Request> requests = Requests(Request::Kind::kChildren, paths);
  requests.insert(requests.begin(), requests.front());
  requests.front().kind = Request::Kind::kSync;
  std::vector<Reply> replies = session.Run(requests, kReadWindow, deadline);
  lists.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Reply& reply = replies[i + 1];
    if (reply.code == ZOK || reply.code == ZNONODE) {
      lists.emplace_back(std::move(reply.children));
    } else {
      lists.emplace_back(ToError(reply, Sending::kRead, paths[i], deadline));
    }
  }
  return lists;
}

std::vector<Result<GroupTree>> ListTrees(const Session& session,
                                         std::span<const GroupPaths> groups,
                                         std::span<const std::string> topics,
                                         Deadline deadline) {
  std::vector<Result<GroupTree>> trees(groups.size(), GroupTree{});
  std::vector<TopicNode> nodes;
  if (topics.empty()) {
    nodes = FindTopics(session, groups, trees, deadline);
  } else {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (const std::string& topic : topics) nodes.push_back({i, NodeName(topic)});
    }
  }
  AddTopics(session, groups, nodes, trees, deadline);
  return trees;
}

}  // namespace offsetstore::zookeeper
