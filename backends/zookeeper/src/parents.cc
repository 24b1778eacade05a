// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "parents.h"

#include <utility>
#include <vector>

#include "error.h"
#include "tree.h"

namespace offsetstore::zookeeper {

void Parents::Forget(const std::string& topic) {
  known_.Forget(paths_.Own() + '/' + NodeName(topic));
  known_.Forget(paths_.Offsets() + '/' + NodeName(topic));
}

void Parents::Make(Deadline deadline) {
  failed_.clear();
  std::vector<std::string> nodes;
  const auto add = [&](const std::set<std::string>& topics,
                       const std::string& folder,
                       const std::vector<std::string>& first) {
    for (const std::string& topic : topics) {
      const std::string path = folder + '/' + topic;
      if (known_.Knows(path)) continue;
      for (const std::string& node : first) nodes.push_back(node);
      if (folder == paths_.Offsets()) nodes.push_back(paths_.Owners() + '/' + topic);
      nodes.push_back(path);
    }
  };
  add(own_, paths_.Own(), {paths_.group(), paths_.Own()});
  add(leaf_, paths_.Offsets(), {paths_.group(), paths_.Ids(), paths_.Owners(), paths_.Offsets()});
  own_.clear();
  leaf_.clear();
  if (nodes.empty()) return;
  std::set<std::string> once;
  std::erase_if(nodes, [&](const std::string& node) { return !once.insert(node).second; });
  std::vector<Request> requests = Requests(Request::Kind::kCreate, nodes);
  for (Request& request : requests) request.creator_all = creator_all_;
  // In order and on one session: the server makes a parent before its children.
  const std::vector<Reply> replies = session_.Run(requests, kReadWindow, deadline);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].code == ZOK || replies[i].code == ZNODEEXISTS) {
      known_.Know(nodes[i]);
    } else {
      failed_.emplace(nodes[i], ToError(replies[i], Sending::kRead, nodes[i], deadline));
    }
  }
}

std::optional<Error> Parents::WhyMissing(const std::string& path) const {
  for (const auto& [node, error] : failed_) {
    if (path.starts_with(node + '/')) return error;
  }
  return std::nullopt;
}

}  // namespace offsetstore::zookeeper
