// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.h"
#include "error.h"
#include "internal/macros.h"
#include "names.h"
#include "tree.h"

namespace offsetstore::zookeeper {
namespace {

constexpr std::size_t kMostGroups = 1000;
/// The version is good to know and nothing to wait for.
constexpr Duration kPatience{2000};

/// What a node's access list means for one identity.
struct Access {
  std::int32_t mine = 0;    ///< Rights by `world` and by the user's name.
  std::int32_t others = 0;  ///< Rights of everybody.
  bool unclear = false;     ///< Rights by other schemes (`ip`, `sasl`) may be added.
};

Access AccessOf(const std::vector<Grant>& grants, const std::string& user) {
  Access access;
  for (const Grant& grant : grants) {
    if (grant.scheme == "world") {
      access.others |= grant.rights;
      access.mine |= grant.rights;
    } else if (grant.scheme == "digest") {
      // The server shows the list only to who may read the node, and hides the digest: the name is
      // enough.
      if (!user.empty() && grant.id.starts_with(user + ':')) access.mine |= grant.rights;
    } else {
      access.unclear = true;
    }
  }
  return access;
}

std::string Missing(std::int32_t needed, std::int32_t has) {
  std::string missing;
  for (const auto& [right, name] : {std::pair{ZOO_PERM_READ, "read"},
                                    std::pair{ZOO_PERM_WRITE, "write"},
                                    std::pair{ZOO_PERM_CREATE, "create"},
                                    std::pair{ZOO_PERM_DELETE, "delete"}}) {
    if ((needed & right) == 0 || (has & right) != 0) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  return missing;
}

/// Nodes to look at: `/consumers`, and `offsets` of the first groups.
Result<std::vector<std::string>> Nodes(const Session& session,
                                       const std::string& root,
                                       Deadline deadline) {
  const std::string consumers = ConsumersPath(root);
  Reads reads(session, deadline);
  OS_ASSIGN_OR_RETURN(std::vector<std::string> groups, Children(reads, {&consumers, 1})[0]);
  std::sort(groups.begin(), groups.end());
  if (groups.size() > kMostGroups) groups.resize(kMostGroups);
  std::vector<std::string> nodes = {consumers};
  for (const std::string& group : groups) {
    nodes.push_back(Child(Child(consumers, group), "offsets"));
  }
  return nodes;
}

/// Adds up what the access lists say.
class Rights {
 public:
  explicit Rights(const ZooKeeperOptions& options)
      : options_(options), who_(options.user.empty() ? "anybody" : options.user) {}

  [[nodiscard]] Status Add(const std::string& path, const Reply& reply, Deadline deadline) {
    if (reply.code == ZNONODE) return {};
    if (reply.code == ZNOAUTH) {
      Note("may not look at " + Printable(path), false);
      return {};
    }
    if (reply.code != ZOK) return ToError(reply, Sending::kRead, path, deadline);
    const Access access = AccessOf(reply.grants, options_.user);
    const std::string missing = Missing(ZOO_PERM_READ | ZOO_PERM_CREATE, access.mine);
    if (!missing.empty()) {
      Note("may not " + missing + " in " + Printable(path), access.unclear);
    }
    if (seen_++ > 0 && (access.others & ~ZOO_PERM_READ) != 0) ++open_;
    return {};
  }

  [[nodiscard]] std::vector<Finding> Take() {
    std::vector<Finding> findings;
    if (refused_.empty()) {
      findings.push_back({std::string(kRightsCheck),
                          Grade::kOk,
                          who_ + " may read and create in /consumers and " +
                              std::to_string(seen_ > 0 ? seen_ - 1 : 0) + " groups of it",
                          {}});
    } else {
      findings.push_back({std::string(kRightsCheck),
                          unclear_ ? Grade::kUnknown : Grade::kFailed,
                          who_ + " " + refused_ +
                              (more_ > 0 ? " and " + std::to_string(more_) + " more" : "") +
                              (unclear_ ? ", unless by its address or another scheme" : ""),
                          "give it read, write, create and delete there (setAcl -R), or name the "
                          "right user and password"});
    }
    findings.push_back(Open());
    return findings;
  }

 private:
  void Note(std::string what, bool unclear) {
    if (!refused_.empty()) {
      ++more_;
      return;
    }
    refused_ = std::move(what);
    unclear_ = unclear;
  }

  [[nodiscard]] Finding Open() const {
    if (open_ == 0) return {"acl", Grade::kOk, "no group is open to everybody", {}};
    const std::string groups = std::to_string(open_) +
                               " group(s) are open to everybody who "
                               "reaches the servers";
    if (options_.acl == ZooKeeperOptions::Acl::kWorld) {
      return {"acl", Grade::kOk, groups + ", as Kafka 0.8 left them (acl=world)", {}};
    }
    return {"acl",
            Grade::kWarning,
            groups + ", though acl=creator-all: only nodes that are new become its creator's",
            "setAcl -R on those groups"};
  }

  const ZooKeeperOptions& options_;
  std::string who_;
  std::string refused_;
  bool unclear_ = false;
  std::size_t more_ = 0;
  std::size_t seen_ = 0;
  std::size_t open_ = 0;
};

/// `Zookeeper version: 3.8.0-..., built on ...` and `Mode: standalone`.
Finding Version(const std::string& answer) {
  const auto after = [&answer](std::string_view label) {
    const std::size_t found = answer.find(label);
    if (found == std::string::npos) return std::string();
    const std::string rest = answer.substr(found + label.size());
    return Printable(rest.substr(0, rest.find_first_of("-,\r\n")));
  };
  const std::string version = after("Zookeeper version: ");
  if (version.empty()) {
    return {std::string(kVersionCheck),
            Grade::kUnknown,
            "the server does not answer the four letter word srvr",
            "add srvr to its 4lw.commands.whitelist"};
  }
  const std::string mode = after("Mode: ");
  return {std::string(kVersionCheck),
          Grade::kOk,
          "ZooKeeper " + version + ", " + mode +
              (mode == "standalone" ? ": a single server, no ensemble" : " of an ensemble"),
          {}};
}

}  // namespace

Result<Examination> ExamineZooKeeperStore(const ZooKeeperOptions& options, Deadline deadline) {
  ZooKeeperOptions looking = options;
  looking.create = false;
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<OffsetStore> store,
                      OpenZooKeeperStore(looking, deadline));
  Examination examination{store->Info(), {}};
  OS_RETURN_IF_ERROR(store->Close(deadline));
  Client client(looking);
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, client.Connected(deadline));
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> nodes,
                      Nodes(*session, client.root(), deadline));
  const std::vector<Reply> replies =
      session->Run(Requests(Request::Kind::kAcl, nodes), kReadWindow, deadline);
  Rights rights(looking);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    OS_RETURN_IF_ERROR(rights.Add(nodes[i], replies[i], deadline));
  }
  examination.findings.push_back(Version(session->Ask("srvr", deadline.Sooner(kPatience))));
  for (Finding& finding : rights.Take()) examination.findings.push_back(std::move(finding));
  OS_RETURN_IF_ERROR(client.Close(deadline));
  return examination;
}

}  // namespace offsetstore::zookeeper
