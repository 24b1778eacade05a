// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client.h"
#include "names.h"
#include "state_cache.h"

namespace offsetstore::zookeeper {

/// Makes the nodes above partitions, with null data, as Kafka does. Beside `offsets` it makes
/// `owners/TOPIC` and `ids`, from which the old tools list topics; they come before
/// `offsets/TOPIC`, so that where that one is, they all are.
class Parents {
 public:
  Parents(const Session& session, StateCache& known, const GroupPaths& paths, bool creator_all)
      : session_(session), known_(known), paths_(paths), creator_all_(creator_all) {}

  void NeedOwn(const std::string& topic) { own_.insert(NodeName(topic)); }
  void NeedLeaf(const std::string& topic) { leaf_.insert(NodeName(topic)); }
  /// After a write found one missing: somebody removed the group.
  void Forget(const std::string& topic);

  /// Makes what is needed and not known to be there.
  void Make(Deadline deadline);

  /// Why a node above `path` could not be made. A refusal may mean nothing: without the right to
  /// create, a node that is there is refused as well.
  [[nodiscard]] std::optional<Error> WhyMissing(const std::string& path) const;

 private:
  /// What is needed and not known to be there, parents first, each once. Nothing is needed then.
  [[nodiscard]] std::vector<std::string> TakeMissing();

  const Session& session_;
  StateCache& known_;
  const GroupPaths& paths_;
  bool creator_all_;
  std::set<std::string> own_;
  std::set<std::string> leaf_;
  std::map<std::string, Error> failed_;  ///< By path.
};

}  // namespace offsetstore::zookeeper
