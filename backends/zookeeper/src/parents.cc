// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "parents.h"

#include <utility>
#include <vector>

#include "error.h"
#include "tree.h"

namespace offsetstore::zookeeper {

void Parents::Forget(const std::string& topic) {
  known_.Forget(Child(paths_.Own(), NodeName(topic)));
  known_.Forget(Child(paths_.Offsets(), NodeName(topic)));
}

std::vector<std::string> Parents::TakeMissing() {
  std::vector<std::string> nodes;
  std::set<std::string> once;
  const auto add = [&](const std::string& node) {
    if (once.insert(node).second) nodes.push_back(node);
  };
  for (const std::string& topic : std::exchange(own_, {})) {
    const std::string path = Child(paths_.Own(), topic);
    if (known_.Knows(path)) continue;
    for (const std::string& node : {paths_.group(), paths_.Own(), path}) add(node);
  }
  for (const std::string& topic : std::exchange(leaf_, {})) {
    const std::string path = Child(paths_.Offsets(), topic);
    if (known_.Knows(path)) continue;
    for (const std::string& node : {paths_.group(), paths_.Ids(), paths_.Owners()}) add(node);
    for (const std::string& node : {paths_.Offsets(), Child(paths_.Owners(), topic), path}) {
      add(node);
    }
  }
  return nodes;
}

void Parents::Make(Deadline deadline) {
  failed_.clear();
  const std::vector<std::string> nodes = TakeMissing();
  if (nodes.empty()) return;
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
