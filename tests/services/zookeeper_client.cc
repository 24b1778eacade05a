// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "zookeeper_client.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "eventually.h"

namespace offsetstore::testing {
namespace {

constexpr std::string_view kScheme = "zookeeper://";

void Check(int code, const std::string& what) {
  if (code != ZOK) throw std::runtime_error(what + ": " + zerror(code));
}

void Quiet(const char* /*message*/) {}
void OnEvent(zhandle_t* /*handle*/, int, int, const char*, void*) {}

std::string ParentOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string Child(const std::string& folder, const std::string& node) {
  return folder + '/' + node;
}

}  // namespace

std::string ZooKeeperServer() {
  const char* server = std::getenv("OFFSETSTORE_TEST_ZOOKEEPER");
  if (server != nullptr) return server;
  std::puts(
      "skipped: OFFSETSTORE_TEST_ZOOKEEPER is not set; tests/services/zookeeper.sh starts one");
  std::exit(77);
}

pid_t ZooKeeperPid() {
  const char* pid = std::getenv("OFFSETSTORE_TEST_ZOOKEEPER_PID");
  if (pid == nullptr) throw std::runtime_error("OFFSETSTORE_TEST_ZOOKEEPER_PID is not set");
  return static_cast<pid_t>(std::stol(pid));
}

ZooKeeperClient::ZooKeeperClient(const std::string& server,
                                 const std::string& digest,
                                 int session_timeout_ms)
    : handle_(zookeeper_init2(server.substr(kScheme.size()).c_str(),
                              &OnEvent,
                              session_timeout_ms,
                              nullptr,
                              nullptr,
                              ZOO_NO_LOG_CLIENTENV,
                              &Quiet),
              &zookeeper_close) {
  if (handle_ == nullptr) throw std::runtime_error("no handle for " + server);
  if (!digest.empty()) {
    Check(zoo_add_auth(handle_.get(),
                       "digest",
                       digest.data(),
                       static_cast<int>(digest.size()),
                       nullptr,
                       nullptr),
          "add_auth");
  }
  if (!Eventually([this] { return zoo_state(handle_.get()) == ZOO_CONNECTED_STATE; })) {
    throw std::runtime_error("no connection to " + server);
  }
}

std::optional<ZooKeeperClient::Node> ZooKeeperClient::Get(const std::string& path) const {
  Node node;
  const int code = zoo_exists(handle_.get(), path.c_str(), 0, &node.stat);
  if (code == ZNONODE) return std::nullopt;
  Check(code, "exists " + path);
  std::string buffer(static_cast<std::size_t>(node.stat.dataLength) + 1, '\0');
  auto size = static_cast<int>(buffer.size());
  const int got = zoo_get(handle_.get(), path.c_str(), 0, buffer.data(), &size, &node.stat);
  if (got == ZNONODE) return std::nullopt;
  Check(got, "get " + path);
  if (size >= 0) node.data = buffer.substr(0, static_cast<std::size_t>(size));
  return node;
}

std::vector<std::string> ZooKeeperClient::Children(const std::string& path) const {
  String_vector list{};
  const int code = zoo_get_children(handle_.get(), path.c_str(), 0, &list);
  if (code == ZNONODE) return {};
  Check(code, "children " + path);
  std::vector<std::string> children(list.data, list.data + list.count);
  deallocate_String_vector(&list);
  std::sort(children.begin(), children.end());
  return children;
}

std::vector<std::string> ZooKeeperClient::Tree(const std::string& path) const {
  std::vector<std::string> paths;
  for (const std::string& child : Children(path.empty() ? "/" : path)) {
    std::vector<std::string> below = Tree(paths.emplace_back(Child(path, child)));
    std::move(below.begin(), below.end(), std::back_inserter(paths));
  }
  return paths;
}

void ZooKeeperClient::Create(const std::string& path,
                             const std::optional<std::string>& data,
                             int flags) const {
  const std::string parent = ParentOf(path);
  if (!parent.empty() && !Get(parent)) Create(parent);
  Check(zoo_create(handle_.get(),
                   path.c_str(),
                   data ? data->data() : nullptr,
                   data ? static_cast<int>(data->size()) : -1,
                   &ZOO_OPEN_ACL_UNSAFE,
                   flags,
                   nullptr,
                   0),
        "create " + path);
}

void ZooKeeperClient::Set(const std::string& path, std::string_view data) const {
  const int code =
      zoo_set(handle_.get(), path.c_str(), data.data(), static_cast<int>(data.size()), -1);
  if (code == ZNONODE) return Create(path, std::string(data));
  Check(code, "set " + path);
}

void ZooKeeperClient::Delete(const std::string& path) const {
  for (const std::string& child : Children(path)) Delete(Child(path, child));
  Check(zoo_delete(handle_.get(), path.c_str(), -1), "delete " + path);
}

void ZooKeeperClient::SetAcl(const std::string& path, const ACL_vector& acl) const {
  Check(zoo_set_acl(handle_.get(), path.c_str(), -1, &acl), "set_acl " + path);
}

std::string ZooKeeperClient::AclOf(const std::string& path) const {
  ACL_vector acl{};
  Stat stat{};
  Check(zoo_get_acl(handle_.get(), path.c_str(), &acl, &stat), "get_acl " + path);
  std::string text;
  for (std::int32_t i = 0; i < acl.count; ++i) {
    text += std::string(acl.data[i].id.scheme) + ':' + acl.data[i].id.id + ':' +
            std::to_string(acl.data[i].perms) + ' ';
  }
  deallocate_ACL_vector(&acl);
  return text;
}

}  // namespace offsetstore::testing
