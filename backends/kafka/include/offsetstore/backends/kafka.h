// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/properties.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// How to reach Kafka's own store (`__consumer_offsets`) from outside of a group: for tools, on
/// groups that have no members. (A consumer uses its own handle: the URI `kafka:` in its
/// configuration.)
struct KafkaOptions {
  std::string brokers;    ///< `host:port,...`; empty = `bootstrap.servers` of the properties.
  std::string user;       ///< `sasl.username`; empty = of the properties.
  std::string password;   ///< `sasl.password`; never shown.
  Properties properties;  ///< Any librdkafka keys: TLS, SASL, timeouts.
  Duration connect_timeout = std::chrono::seconds(5);  ///< For opening; the deadline may be sooner.
  /// Allow `Remove` although not every broker says that it knows the request (Kafka before 2.4):
  /// where one does not, librdkafka **aborts the process**. Without it such a `Remove` is refused.
  bool admin_delete = false;

  /// From `kafka://[user[:password]@]b1:9092,b2?config=FILE&connect-timeout=5s&admin-delete=true`.
  /// `config` names a properties file of librdkafka keys. It can be the consumer's own: the keys of
  /// the adapter (`offsetstore.*`, `topics`, `assign`) and those of a member are left out, and
  /// `group.id` (default `offsetstore`) is never joined. `ConfigInvalid` names the key, or the file
  /// and line.
  [[nodiscard]] static Result<KafkaOptions> FromUri(const Uri& uri);
};

/// Connects and asks for the cluster id, which is the store's id. Errors: `ConfigInvalid` (a key or
/// value that librdkafka refuses, other brokers in the file than in the URI), `PermissionDenied`
/// (authentication or TLS refused), `Unavailable` (no broker answers, and what was seen last).
///
/// The store has no claims and no conditions: Kafka has no compare-and-set. A commit is checked
/// against the stored position by a read before the write, which another writer may slip between.
/// A group with members is refused by the coordinator; the error says so. Nothing is printed.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenKafkaStore(const KafkaOptions& options,
                                                                  Deadline deadline);

/// Adds `kafka:` to the registry.
[[nodiscard]] Status RegisterKafkaBackend(BackendRegistry& registry);

}  // namespace offsetstore
