// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "mock_cluster.h"

namespace offsetstore::testing {

/// By SQLite's own client: runs all of `sql`, and returns what the first row begins with, as text.
std::string AskSqlite(const std::string& database, const std::string& sql);

/// A configuration that reads `orders` and says nothing of a store, and a folder for the database.
struct Into {
  TempDir folder;
  std::string config = (folder / "c.properties").string();
  std::string database = (folder / "results.db").string();
  std::string store = "sqlite://" + database;
  std::string uri = store + "?table=t";

  Into(const MockCluster& cluster, const std::string& assign, const std::string& more = {});
  /// `consume --config FILE --into URI` and these arguments.
  [[nodiscard]] Words With(const Words& arguments) const;
  /// Runs it, and checks that it is refused in one line with that exit code.
  [[nodiscard]] Ran Refused(const Words& arguments, int code = 2) const;

  // By SQLite's own client.

  /// The first column of the first row, as text; empty where there is no row, or no database.
  [[nodiscard]] std::string Ask(const std::string& sql) const;
  void Run(const std::string& sql) const;
  /// Whether there is one row for each of so many records, and the positions say the same.
  [[nodiscard]] bool HasEachOnce(std::uint64_t records) const;
};

}  // namespace offsetstore::testing
