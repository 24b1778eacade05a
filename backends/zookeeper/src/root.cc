// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "root.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "error.h"
#include "internal/macros.h"
#include "names.h"

namespace offsetstore::zookeeper {
namespace {

constexpr std::size_t kMostSearched = 200;

Request Exists(std::string path) {
  return {
      .kind = Request::Kind::kExists, .path = std::move(path), .creator_all = false, .steps = {}};
}

std::string Hex(std::int64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(
      digits.data(), digits.data() + digits.size(), static_cast<std::uint64_t>(number), 16);
  return {digits.data(), end.ptr};
}

// The reply of a node that is there, or none where it is missing.
Result<std::optional<Reply>> Find(const Session& session, std::string path, Deadline deadline) {
  const std::vector<Request> requests = {Exists(std::move(path))};
  std::vector<Reply> replies = session.Run(requests, 1, deadline);
  if (replies[0].code == ZOK) return std::optional<Reply>(std::move(replies[0]));
  if (replies[0].code == ZNONODE) return std::optional<Reply>();
  return ToError(replies[0], Sending::kRead, requests[0].path, deadline);
}

// Where somebody who forgot the chroot, or wrote a wrong one, may have meant: above it, or one
// below the root. What cannot be looked at is left out.
std::vector<std::string> Candidates(const Session& session,
                                    std::string_view root,
                                    Deadline deadline) {
  std::vector<std::string> chroots = {""};
  for (std::size_t end = root.rfind('/'); end != std::string_view::npos && end > 0;
       end = root.rfind('/')) {
    root = root.substr(0, end);
    chroots.emplace_back(root);
  }
  const std::vector<Request> list = {
      {.kind = Request::Kind::kChildren, .path = "/", .creator_all = false, .steps = {}}};
  const std::vector<Reply> replies = session.Run(list, 1, deadline);
  for (const std::string& child : replies[0].children) {
    if (chroots.size() < kMostSearched) chroots.push_back('/' + child);
  }
  return chroots;
}

std::string FoundElsewhere(const Session& session, std::string_view root, Deadline deadline) {
  const std::vector<std::string> chroots = Candidates(session, root, deadline);
  std::vector<Request> requests;
  requests.reserve(chroots.size());
  for (const std::string& chroot : chroots) requests.push_back(Exists(ConsumersPath(chroot)));
  const std::vector<Reply> replies = session.Run(requests, kReadWindow, deadline);
  std::string found;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].code != ZOK || chroots[i] == root) continue;
    found += (found.empty() ? "; there is " : ", ") + Printable(requests[i].path);
  }
  return found.empty() ? "" : found + ": write that chroot if it is the one you mean";
}

Error Missing(const Session& session,
              const std::string& path,
              std::string_view root,
              Deadline deadline) {
  return MakeError(ErrorCode::kConfigInvalid,
                   "there is no node " + Printable(path) + " in ZooKeeper" +
                       FoundElsewhere(session, root, deadline) +
                       "; create=true makes a new, empty tree")
      .With("path", path);
}

Status Create(const Session& session, const std::string& path, Deadline deadline) {
  std::vector<Request> requests;
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    // Open to all, as brokers make it: each group may be somebody else's.
    requests.push_back({.kind = Request::Kind::kCreate,
                        .path = path.substr(0, end),
                        .creator_all = false,
                        .steps = {}});
    if (end == std::string::npos) break;
  }
  const std::vector<Reply> replies = session.Run(requests, kReadWindow, deadline);
  // A node on the way may be there and not ours to make; the last one decides.
  if (replies.back().code == ZOK || replies.back().code == ZNODEEXISTS) return {};
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].code == ZOK || replies[i].code == ZNODEEXISTS) continue;
    return ToError(replies[i], Sending::kWrite, requests[i].path, deadline);
  }
  return {};
}

}  // namespace

Result<std::string> OpenRoot(Client& client, bool create, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, client.Connected(deadline));
  const std::string path = ConsumersPath(client.root());
  OS_ASSIGN_OR_RETURN(std::optional<Reply> consumers, Find(*session, path, deadline));
  if (!consumers && create) {
    OS_RETURN_IF_ERROR(Create(*session, path, deadline));
    OS_ASSIGN_OR_RETURN(consumers, Find(*session, path, deadline));
  }
  if (!consumers) {
    if (client.root().empty()) return Missing(*session, path, "", deadline);
    OS_ASSIGN_OR_RETURN(const std::optional<Reply> root, Find(*session, client.root(), deadline));
    return Missing(*session, root ? path : client.root(), client.root(), deadline);
  }
  return Hex(consumers->created_zxid) + '-' + Hex(consumers->ctime);
}

}  // namespace offsetstore::zookeeper
