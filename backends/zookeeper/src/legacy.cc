// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client.h"
#include "error.h"
#include "internal/macros.h"
#include "names.h"
#include "offsetstore/backends/zookeeper.h"
#include "root.h"
#include "tree.h"

namespace offsetstore {
namespace {

using zookeeper::GroupPaths;
using zookeeper::Reply;
using zookeeper::Request;
using zookeeper::Session;

/// Reads nodes of one group; the first error is kept. One that vanished in between (they are
/// ephemeral) reads as none.
class LegacyReader {
 public:
  LegacyReader(const Session& session, Deadline deadline)
      : session_(session), deadline_(deadline) {}

  [[nodiscard]] Result<std::vector<std::string>> Sorted(const std::string& path) const {
    OS_ASSIGN_OR_RETURN(std::vector<std::string> children,
                        zookeeper::Children(session_, {&path, 1}, deadline_)[0]);
    std::sort(children.begin(), children.end());
    return children;
  }
  [[nodiscard]] Result<std::vector<Reply>> Get(const std::vector<std::string>& paths) const {
    std::vector<Reply> replies =
        session_.Run(zookeeper::Requests(Request::Kind::kGet, paths), 256, deadline_);
    for (std::size_t i = 0; i < replies.size(); ++i) {
      if (replies[i].code == ZOK || replies[i].code == ZNONODE) continue;
      return zookeeper::ToError(replies[i], zookeeper::Sending::kRead, paths[i], deadline_);
    }
    return replies;
  }

 private:
  const Session& session_;
  Deadline deadline_;
};

Status ReadMembers(const LegacyReader& reader, const GroupPaths& paths, LegacyGroup& group) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> ids, reader.Sorted(paths.Ids()));
  std::vector<std::string> nodes;
  nodes.reserve(ids.size());
  for (const std::string& id : ids) nodes.push_back(zookeeper::Child(paths.Ids(), id));
  OS_ASSIGN_OR_RETURN(const std::vector<Reply> replies, reader.Get(nodes));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (replies[i].code != ZOK) continue;
    group.members.push_back({.id = ids[i],
                             .subscription = replies[i].node.data.value_or(""),
                             .since = Time(std::chrono::milliseconds(replies[i].ctime))});
  }
  return {};
}

Status ReadOwners(const LegacyReader& reader, const GroupPaths& paths, LegacyGroup& group) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> topics, reader.Sorted(paths.Owners()));
  std::vector<TopicPartition> places;
  std::vector<std::string> nodes;
  for (const std::string& topic : topics) {
    const std::string path = zookeeper::Child(paths.Owners(), topic);
    OS_ASSIGN_OR_RETURN(const std::vector<std::string> partitions, reader.Sorted(path));
    for (const std::string& partition : partitions) {
      const auto number = zookeeper::PartitionOfNode(partition);
      if (!number) continue;
      places.push_back({zookeeper::NameOfNode(topic).value_or(topic), *number});
      nodes.push_back(zookeeper::Child(path, partition));
    }
  }
  OS_ASSIGN_OR_RETURN(const std::vector<Reply> replies, reader.Get(nodes));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (replies[i].code != ZOK) continue;
    group.ownerships.push_back({.at = places[i], .thread = replies[i].node.data.value_or("")});
  }
  std::sort(group.ownerships.begin(), group.ownerships.end(), [](const auto& a, const auto& b) {
    return a.at < b.at;
  });
  return {};
}

Result<LegacyGroup> ReadOne(const LegacyReader& reader,
                            const std::string& root,
                            const std::string& name) {
  const GroupPaths paths(root, name);
  LegacyGroup group;
  group.group = name;
  OS_RETURN_IF_ERROR(ReadMembers(reader, paths, group));
  OS_RETURN_IF_ERROR(ReadOwners(reader, paths, group));
  return group;
}

}  // namespace

Result<std::vector<Result<LegacyGroup>>> ReadLegacyGroups(const ZooKeeperOptions& options,
                                                          std::span<const std::string> groups,
                                                          Deadline deadline) {
  zookeeper::Client client(options);
  OS_RETURN_IF_ERROR(zookeeper::OpenRoot(client, false, deadline));
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, client.Connected(deadline));
  const LegacyReader reader(*session, deadline);
  std::vector<Result<LegacyGroup>> answers;
  answers.reserve(groups.size());
  for (const std::string& group : groups) {
    answers.push_back(ReadOne(reader, client.root(), group));
  }
  return answers;
}

}  // namespace offsetstore
