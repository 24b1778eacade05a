// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "old_tree.h"

#include <algorithm>
#include <charconv>

namespace offsetstore::bench {
namespace {

template <class Value>
struct Answer {
  Window* window = nullptr;
  Value value{};

  static Answer& Of(const void* data) { return *static_cast<Answer*>(const_cast<void*>(data)); }
};

using Names = std::vector<std::string>;

void OnChildren(int code, const String_vector* names, const void* data) {
  auto& answer = Answer<Names>::Of(data);
  if (code == ZOK) answer.value.assign(names->data, names->data + names->count);
  answer.window->Leave(code == ZNONODE ? ZOK : code);
}

void OnPosition(int code, const char* text, int size, const Stat* /*stat*/, const void* data) {
  auto& answer = Answer<std::int64_t>::Of(data);
  if (code == ZOK) std::from_chars(text, text + size, answer.value);
  answer.window->Leave(code);
}

/// The children of each node; one that is missing has none.
std::vector<Answer<Names>> Children(const ZooKeeperHandle& handle,
                                    const std::vector<std::string>& paths) {
  Window window;
  std::vector<Answer<Names>> answers(paths.size(), {&window, {}});
  for (std::size_t i = 0; i < paths.size(); ++i) {
    window.Enter();
    Require(zoo_aget_children(handle.get(), paths[i].c_str(), 0, &OnChildren, &answers[i]) == ZOK,
            "zoo_aget_children");
  }
  window.AwaitAll();
  return answers;
}

std::string GroupPath(const std::string& chroot, const std::string& group) {
  return chroot + "/consumers/" + group;
}

}  // namespace

void MakeNodes(const ZooKeeperHandle& handle, std::span<const NewNode> nodes) {
  Window window;
  const auto done = [](int code, const char* /*path*/, const void* data) {
    static_cast<Window*>(const_cast<void*>(data))->Leave(code == ZNODEEXISTS ? ZOK : code);
  };
  for (const NewNode& node : nodes) {
    window.Enter();
    const char* data = node.data.empty() ? nullptr : node.data.c_str();
    const int size = node.data.empty() ? -1 : static_cast<int>(node.data.size());
    const int code = zoo_acreate(handle.get(),
                                 node.path.c_str(),
                                 data,
                                 size,
                                 &ZOO_OPEN_ACL_UNSAFE,
                                 ZOO_PERSISTENT,
                                 done,
                                 &window);
    Require(code == ZOK, node.path);
  }
  window.AwaitAll();
}

std::vector<OldGroup> ReadTree(const ZooKeeperHandle& handle, const std::string& chroot) {
  const Names groups = Children(handle, {chroot + "/consumers"})[0].value;
  std::vector<std::string> paths;
  paths.reserve(groups.size());
  for (const std::string& group : groups) paths.push_back(GroupPath(chroot, group) + "/offsets");
  const auto topics = Children(handle, paths);
  paths.clear();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const std::string& topic : topics[i].value) {
      paths.push_back(GroupPath(chroot, groups[i]) + "/offsets/" + topic);
    }
  }
  const auto partitions = Children(handle, paths);
  std::vector<OldGroup> found;
  std::size_t at = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    found.push_back({groups[i], {}});
    for (const std::string& topic : topics[i].value) {
      for (const std::string& partition : partitions[at++].value) {
        found.back().positions.push_back({topic, std::stoi(partition), -1});
      }
    }
    std::sort(found.back().positions.begin(), found.back().positions.end());
  }
  return ReadLeaves(handle, chroot, found);
}

std::vector<OldGroup> ReadLeaves(const ZooKeeperHandle& handle,
                                 const std::string& chroot,
                                 std::span<const OldGroup> groups) {
  Window window;
  std::vector<OldGroup> found(groups.begin(), groups.end());
  std::size_t count = 0;
  for (const OldGroup& group : found) count += group.positions.size();
  std::vector<Answer<std::int64_t>> answers(count, {&window, -1});
  std::size_t next = 0;
  for (const OldGroup& group : found) {
    for (const OldPosition& one : group.positions) {
      const std::string path = GroupPath(chroot, group.name) + "/offsets/" + one.topic + '/' +
                               std::to_string(one.partition);
      window.Enter();
      Require(zoo_aget(handle.get(), path.c_str(), 0, &OnPosition, &answers[next++]) == ZOK,
              "zoo_aget");
    }
  }
  window.AwaitAll();
  next = 0;
  for (OldGroup& group : found) {
    for (OldPosition& one : group.positions) one.position = answers[next++].value;
  }
  return found;
}

std::size_t CountRegistered(const ZooKeeperHandle& handle,
                            const std::string& chroot,
                            std::span<const OldGroup> groups) {
  std::vector<std::string> ids;
  std::vector<std::string> owners;
  for (const OldGroup& group : groups) {
    ids.push_back(GroupPath(chroot, group.name) + "/ids");
    owners.push_back(GroupPath(chroot, group.name) + "/owners");
  }
  std::size_t count = 0;
  for (const auto& members : Children(handle, ids)) count += members.value.size();
  const auto topics = Children(handle, owners);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    for (const std::string& topic : topics[i].value) paths.push_back(owners[i] + '/' + topic);
  }
  for (const auto& partitions : Children(handle, paths)) count += partitions.value.size();
  return count;
}

}  // namespace offsetstore::bench
