// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "offsetstore/store.h"
#include "offsetstore/testing/test_group.h"
#include "postgres_client.h"

namespace offsetstore::testing {

/// A store with the context layer, from its URI.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> TryOpen(const std::string& uri,
                                                           Deadline deadline = Soon());
/// Throws where it does not open.
[[nodiscard]] std::unique_ptr<OffsetStore> MustOpen(const std::string& uri);
/// The error of an open that must fail; throws where it opens.
[[nodiscard]] Error OpenError(const std::string& uri, Deadline deadline = Soon());

[[nodiscard]] bool Says(const Error& error, const std::string& words);

[[nodiscard]] inline TopicPartition Orders(std::int32_t partition) {
  return {"orders", partition};
}

[[nodiscard]] inline Deadline In(std::chrono::milliseconds wait) {
  return Deadline::After(wait);
}

/// `uri` with another user-info, port or database.
[[nodiscard]] std::string WithUser(const std::string& uri, const std::string& user);
[[nodiscard]] std::string WithPort(const std::string& uri, std::uint16_t port);
[[nodiscard]] std::string WithDatabase(const std::string& uri, const std::string& database);
[[nodiscard]] std::uint16_t ServerPort(const std::string& uri);

/// Tables of a test's own on the shared server, dropped at its end.
struct Tables {
  Tables() = default;
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  ~Tables() { DropTables(server, stem); }

  [[nodiscard]] std::string uri() const { return server + "?table=" + stem; }
  [[nodiscard]] std::string positions() const { return stem + "_positions"; }
  [[nodiscard]] std::string meta() const { return stem + "_meta"; }

  std::string server = PostgresServer();
  std::string stem = UniqueStem();
};

}  // namespace offsetstore::testing
