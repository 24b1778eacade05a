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

Result<std::vector<std::string>> SortedNames(const Session& session,
                                             const std::string& root,
                                             Deadline deadline) {
  const std::vector<std::string> path = {ConsumersPath(root)};
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> nodes, Children(session, path, deadline)[0]);
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
Status LookAt(const Session& session,
              std::span<const Leaf> leaves,
              std::vector<bool>& shown,
              Deadline deadline) {
  std::vector<std::string> paths;
  paths.reserve(leaves.size());
  for (const Leaf& leaf : leaves) paths.push_back(leaf.path);
  const std::vector<Reply> replies =
      session.Run(Requests(Request::Kind::kExists, paths), kReadWindow, deadline);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].code == ZOK) {
      shown[leaves[i].group] = shown[leaves[i].group] || replies[i].data_bytes > 0;
    } else if (replies[i].code != ZNONODE) {
      return ToError(replies[i], Sending::kRead, paths[i], deadline);
    }
  }
  return {};
}

// The first leaf of each group mostly decides; only where it does not, all others are looked at.
Result<std::vector<bool>> HaveSomething(const Session& session,
                                        std::span<const GroupPaths> groups,
                                        Deadline deadline) {
  const std::vector<Result<GroupTree>> trees = ListTrees(session, groups, {}, deadline);
  std::vector<bool> shown(groups.size(), false);
  std::vector<Leaf> first;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // What may not be looked at may hold something.
    if (!trees[i] && trees[i].error().code != ErrorCode::kPermissionDenied) return trees[i].error();
    shown[i] = !trees[i] || !trees[i]->foreign.empty() || !trees[i]->topics.empty();
    if (shown[i] || trees[i]->partitions.empty()) continue;
    first.push_back({i, groups[i].Leaf(*trees[i]->partitions.begin())});
  }
  OS_RETURN_IF_ERROR(LookAt(session, first, shown, deadline));
  std::vector<Leaf> rest;
  for (const Leaf& leaf : first) {
    if (shown[leaf.group]) continue;
    const auto& partitions = trees[leaf.group]->partitions;
    for (auto at = std::next(partitions.begin()); at != partitions.end(); ++at) {
      rest.push_back({leaf.group, groups[leaf.group].Leaf(*at)});
    }
  }
  OS_RETURN_IF_ERROR(LookAt(session, rest, shown, deadline));
  return shown;
}

}  // namespace

Result<GroupPage> ListGroups(const Session& session,
                             const std::string& root,
                             const PageRequest& page,
                             Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, SortedNames(session, root, deadline));
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
    OS_ASSIGN_OR_RETURN(const std::vector<bool> shown, HaveSomething(session, groups, deadline));
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
