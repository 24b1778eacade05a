// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_list.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "error.h"
#include "internal/macros.h"
#include "internal/percent.h"
#include "names.h"
#include "tree.h"

namespace offsetstore::zookeeper {
namespace {

// Groups looked at together; more gain nothing, since the requests are pipelined anyway.
constexpr std::size_t kSlice = 64;

Result<std::vector<std::string>> SortedNames(Reads& reads, const std::string& root) {
  const std::vector<std::string> path = {ConsumersPath(root)};
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> nodes, Children(reads, path)[0]);
  std::vector<std::string> names;
  for (const std::string& node : nodes) {
    if (auto name = NameOfNode(node)) names.push_back(*std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct Leaf {
  std::size_t group = 0;
  std::string path;
};

// Marks the groups of which one of these leaves holds anything.
Status LookAt(Reads& reads, std::span<const Leaf> leaves, std::vector<bool>& shown) {
  std::vector<std::string> paths;
  paths.reserve(leaves.size());
  for (const Leaf& leaf : leaves) paths.push_back(leaf.path);
  std::vector<Request> requests = Requests(Request::Kind::kExists, paths);
  const std::vector<Reply> replies = reads.Run(requests);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].code == ZOK) {
      shown[leaves[i].group] = shown[leaves[i].group] || replies[i].data_bytes > 0;
    } else if (replies[i].code != ZNONODE) {
      return ToError(replies[i], Sending::kRead, paths[i], reads.deadline());
    }
  }
  return {};
}

std::vector<Leaf> FirstLeaves(std::span<const std::size_t> groups,
                              std::span<const std::string> topics,
                              std::span<const Result<std::vector<std::string>>> lists) {
  std::vector<Leaf> leaves;
  for (std::size_t n = 0; n < groups.size(); ++n) {
    if (!lists[n]) continue;
    const auto leaf = std::find_if(
        lists[n]->begin(), lists[n]->end(), [](const auto& name) { return PartitionOfNode(name); });
    if (leaf != lists[n]->end()) leaves.push_back({groups[n], Child(topics[n], *leaf)});
  }
  return leaves;
}

// Marks the groups that have something in one leaf of one topic, as most do: three requests each
// tell, where the whole tree takes at least six. What cannot be read here is left to that.
Status LookAtFirst(Reads& reads, std::span<const GroupPaths> groups, std::vector<bool>& shown) {
  std::vector<std::string> folders;
  folders.reserve(groups.size());
  for (const GroupPaths& group : groups) folders.push_back(group.Offsets());
  const auto lists = Children(reads, folders);
  std::vector<std::size_t> with;
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!lists[i] || lists[i]->empty()) continue;
    with.push_back(i);
    topics.push_back(Child(folders[i], lists[i]->front()));
  }
  const auto leaves = Children(reads, topics);
  return LookAt(reads, FirstLeaves(with, topics, leaves), shown);
}

// Marks those of the groups, by their numbers, that have something anywhere.
Status LookAtAll(Reads& reads,
                 std::span<const GroupPaths> groups,
                 std::span<const std::size_t> numbers,
                 std::vector<bool>& shown) {
  const std::vector<Result<GroupTree>> trees = ListTrees(reads, groups, {});
  std::vector<Leaf> leaves;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // What may not be looked at may hold something.
    if (!trees[i] && trees[i].error().code != ErrorCode::kPermissionDenied) return trees[i].error();
    shown[numbers[i]] = !trees[i] || !trees[i]->foreign.empty() || !trees[i]->topics.empty();
    if (shown[numbers[i]]) continue;
    for (const TopicPartition& at : trees[i]->partitions) {
      leaves.push_back({numbers[i], groups[i].Leaf(at)});
    }
  }
  return LookAt(reads, leaves, shown);
}

Result<std::vector<bool>> HaveSomething(Reads& reads, std::span<const GroupPaths> groups) {
  std::vector<bool> shown(groups.size(), false);
  OS_RETURN_IF_ERROR(LookAtFirst(reads, groups, shown));
  std::vector<GroupPaths> rest;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (shown[i]) continue;
    rest.push_back(groups[i]);
    numbers.push_back(i);
  }
  OS_RETURN_IF_ERROR(LookAtAll(reads, rest, numbers, shown));
  return shown;
}

}  // namespace

Result<GroupPage> ListGroups(const Session& session,
                             const std::string& root,
                             const PageRequest& page,
                             Deadline deadline) {
  Reads reads(session, deadline);
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, SortedNames(reads, root));
  auto next = names.begin();
  if (!page.after.empty()) {
    const std::optional<std::string> after = internal::PercentDecode(page.after);
    if (!after) return MakeError(ErrorCode::kInvalidArgument, "`after` is not from this store");
    next = std::upper_bound(names.begin(), names.end(), *after);
  }
  GroupPage answer;
  while (next != names.end() && answer.groups.size() <= page.limit) {
    const auto end = next + std::min<std::ptrdiff_t>(kSlice, names.end() - next);
    std::vector<GroupPaths> groups;
    for (auto name = next; name != end; ++name) groups.emplace_back(root, *name);
    OS_ASSIGN_OR_RETURN(const std::vector<bool> shown, HaveSomething(reads, groups));
    for (std::size_t i = 0; i < groups.size(); ++i, ++next) {
      if (shown[i]) answer.groups.push_back(*next);
    }
  }
  answer.last = answer.groups.size() <= page.limit;
  if (answer.last) return answer;
  answer.groups.resize(page.limit);
  answer.next = internal::PercentEncode(answer.groups.back());
  return answer;
}

}  // namespace offsetstore::zookeeper
