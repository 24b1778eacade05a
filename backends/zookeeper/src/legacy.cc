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

/// A node of one of the groups.
struct Place {
  std::size_t group = 0;  // which of them
  std::string path;
  std::string name;   // the node's own
  std::string above;  // of the node that it stands in
};

/// Reads nodes of many groups, level by level, each of them pipelined. The first error of a group
/// becomes its answer. A node that vanished in between (they are ephemeral) reads as none.
class LegacyReader {
 public:
  LegacyReader(const Session& session, std::vector<Result<LegacyGroup>>& answers, Deadline deadline)
      : reads_(session, deadline), answers_(answers) {}

  /// What stands below each of `places`, sorted there.
  [[nodiscard]] std::vector<Place> Below(const std::vector<Place>& places) {
    std::vector<Place> below;
    auto lists = zookeeper::Children(reads_, PathsOf(places));
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Place& place = places[i];
      if (!lists[i]) {
        Fail(place, lists[i].error());
        continue;
      }
      std::sort(lists[i]->begin(), lists[i]->end());
      for (const std::string& name : *lists[i]) {
        below.push_back({place.group, zookeeper::Child(place.path, name), name, place.name});
      }
    }
    return below;
  }

  /// Calls `take` with each place that is there, its group and what was read.
  template <class Take>
  void ForEachNode(const std::vector<Place>& places, const Take& take) {
    std::vector<Request> requests = zookeeper::Requests(Request::Kind::kGet, PathsOf(places));
    const std::vector<Reply> replies = reads_.Run(requests);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Place& place = places[i];
      if (replies[i].code == ZOK) {
        if (answers_[place.group]) take(place, *answers_[place.group], replies[i]);
      } else if (replies[i].code != ZNONODE) {
        Fail(place,
             zookeeper::ToError(
                 replies[i], zookeeper::Sending::kRead, place.path, reads_.deadline()));
      }
    }
  }

 private:
  static std::vector<std::string> PathsOf(const std::vector<Place>& places) {
    std::vector<std::string> paths;
    paths.reserve(places.size());
    for (const Place& place : places) paths.push_back(place.path);
    return paths;
  }
  void Fail(const Place& place, Error error) {
    if (answers_[place.group]) answers_[place.group] = std::move(error);
  }

  zookeeper::Reads reads_;
  std::vector<Result<LegacyGroup>>& answers_;
};

void ReadMembers(LegacyReader& reader, const std::vector<Place>& ids) {
  reader.ForEachNode(
      reader.Below(ids), [](const Place& place, LegacyGroup& group, const Reply& reply) {
        group.members.push_back({.id = place.name,
                                 .subscription = reply.node.data.value_or(""),
                                 .since = Time(std::chrono::milliseconds(reply.ctime))});
      });
}

void ReadOwners(LegacyReader& reader, const std::vector<Place>& owners) {
  std::vector<Place> partitions = reader.Below(reader.Below(owners));
  std::erase_if(partitions,
                [](const Place& place) { return !zookeeper::PartitionOfNode(place.name); });
  reader.ForEachNode(partitions, [](const Place& place, LegacyGroup& group, const Reply& reply) {
    const std::string topic = zookeeper::NameOfNode(place.above).value_or(place.above);
    group.ownerships.push_back({.at = {topic, *zookeeper::PartitionOfNode(place.name)},
                                .thread = reply.node.data.value_or("")});
  });
}

}  // namespace

Result<std::vector<Result<LegacyGroup>>> ReadLegacyGroups(const ZooKeeperOptions& options,
                                                          std::span<const std::string> groups,
                                                          Deadline deadline) {
  zookeeper::Client client(options);
  OS_RETURN_IF_ERROR(zookeeper::OpenRoot(client, false, deadline));
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, client.Connected(deadline));
  std::vector<Result<LegacyGroup>> answers;
  std::vector<Place> ids;
  std::vector<Place> owners;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const GroupPaths paths(client.root(), groups[i]);
    answers.emplace_back(LegacyGroup{.group = groups[i], .members = {}, .ownerships = {}});
    ids.push_back({i, paths.Ids(), {}, {}});
    owners.push_back({i, paths.Owners(), {}, {}});
  }
  LegacyReader reader(*session, answers, deadline);
  ReadMembers(reader, ids);
  ReadOwners(reader, owners);
  for (Result<LegacyGroup>& answer : answers) {
    if (!answer) continue;
    std::sort(answer->ownerships.begin(),
              answer->ownerships.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
  }
  return answers;
}

}  // namespace offsetstore
