// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "offsetstore/backends/zookeeper.h"
#include "offsetstore/layers/context.h"
#include "offsetstore/testing/test_group.h"
#include "zookeeper_client.h"

namespace offsetstore::testing {

inline Result<ZooKeeperOptions> OptionsOf(const std::string& uri) {
  auto parsed = ParseUri(uri);
  if (!parsed) return parsed.error();
  return ZooKeeperOptions::FromUri(*parsed);
}

inline Result<std::unique_ptr<OffsetStore>> TryOpen(const std::string& uri,
                                                    Deadline deadline = Soon()) {
  const auto options = OptionsOf(uri);
  if (!options) return options.error();
  auto bare = OpenZooKeeperStore(*options, deadline);
  if (!bare) return bare;
  return WithContext(*std::move(bare));
}

inline std::unique_ptr<OffsetStore> MustOpen(const std::string& uri) {
  auto opened = TryOpen(uri);
  if (!opened) throw std::runtime_error("open: " + ToString(opened.error()));
  return *std::move(opened);
}

/// The error of an open that must fail.
inline Error OpenError(const std::string& uri, Deadline deadline = Soon()) {
  auto opened = TryOpen(uri, deadline);
  if (opened) throw std::runtime_error("it opened");
  return opened.error();
}

inline bool Says(const Error& error, const std::string& words) {
  return error.message.find(words) != std::string::npos;
}

/// The error in the slot of a read.
inline Error SlotError(const Read& read) {
  const auto* error = std::get_if<Error>(&read.slot);
  if (error == nullptr) throw std::runtime_error(ToString(read.at) + " can be read");
  return *error;
}

/// A tree of its own on the server that the tests share, a store on it, and another program's view.
struct OwnTree {
  explicit OwnTree(std::string on = ZooKeeperServer())
      : server(std::move(on)),
        chroot('/' + Unique("fault")),
        uri(server + chroot + "?create=true"),
        client(server),
        store(MustOpen(uri)) {}

  [[nodiscard]] TestGroup Group(const std::string& name = "g") const { return {*store, name}; }
  /// The whole path of a node below `/consumers/g`.
  [[nodiscard]] std::string Path(const std::string& below) const {
    return chroot + "/consumers/g/" + below;
  }
  [[nodiscard]] std::string Data(const std::string& below) const {
    return client.Get(Path(below)).value().data.value();
  }

  /// The child that our node of the partition has.
  [[nodiscard]] std::string Incarnation(const std::string& own) const {
    const std::vector<std::string> children = client.Children(Path(own));
    if (children.size() != 1) throw std::runtime_error(own + " has not one child");
    return Path(own) + '/' + children.front();
  }

  std::string server;
  std::string chroot;
  std::string uri;
  ZooKeeperClient client;
  std::unique_ptr<OffsetStore> store;
};

inline TopicPartition Orders(std::int32_t partition) {
  return {"orders", partition};
}

}  // namespace offsetstore::testing
