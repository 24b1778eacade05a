// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reads.h"

namespace offsetstore::zookeeper {

std::vector<Reply> Reads::Run(std::vector<Request>& requests) {
  if (requests.empty()) return {};
  if (synced_) return session_.Run(requests, kReadWindow, deadline_);
  // Whatever its path is, it is the whole tree that catches up.
  requests.insert(requests.begin(),
                  {.kind = Request::Kind::kSync,
                   .path = requests.front().path,
                   .creator_all = false,
                   .steps = {}});
  std::vector<Reply> replies = session_.Run(requests, kReadWindow, deadline_);
  requests.erase(requests.begin());
  const Reply sync = std::move(replies.front());
  replies.erase(replies.begin());
  synced_ = sync.code == ZOK;
  if (synced_) return replies;
  // What was answered all the same may be older than what was acknowledged before.
  for (Reply& reply : replies) {
    if (reply.code != ZOK && reply.code != ZNONODE) continue;
    reply = Reply();
    reply.code = sync.code;
    reply.native = sync.native;
  }
  return replies;
}

}  // namespace offsetstore::zookeeper
