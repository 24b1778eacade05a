// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A consumer that keeps results and positions in one SQLite database, over librdkafka's mock
// cluster.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "mock_cluster.h"
#include "rig.h"

namespace offsetstore::testing {

/// A connection to the database of results.
class Database {
 public:
  explicit Database(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] sqlite3* get() const noexcept { return db_; }
  /// The code of `sqlite3_exec`.
  int Run(const std::string& sql);
  /// The first column of the first row.
  [[nodiscard]] std::int64_t Number(const std::string& sql);
  /// One row for each record; the code of the last insert.
  int Insert(std::span<Record* const> records);

 private:
  sqlite3* db_ = nullptr;
};

/// A topic of filled partitions, and a folder for the database.
struct OnceTopic {
  static constexpr int kRecords = 500;
  explicit OnceTopic(int partitions);
  [[nodiscard]] std::string path() const { return (dir.path() / "db").string(); }
  [[nodiscard]] std::int64_t total() const { return std::int64_t{partitions} * kRecords; }
  /// Asks the database by a connection of its own.
  [[nodiscard]] std::int64_t Number(const std::string& sql) const {
    return Database(path()).Number(sql);
  }
  /// Whether each record has one result, and the positions say so.
  [[nodiscard]] bool IsDoneOnce() const;

  TempDir dir;
  MockCluster cluster;
  int partitions;
  Config config;
};

/// One row per record, as an error where the database refuses one.
[[nodiscard]] Status WriteResults(Database& db, std::span<Record* const> records);

/// Runs a consumer in a thread until it is stopped or ends.
class Transactor {
 public:
  using Work = std::function<Status(Database&, std::span<Record* const>)>;

  explicit Transactor(const OnceTopic& topic, Work work = WriteResults);
  Transactor(const Transactor&) = delete;
  Transactor& operator=(const Transactor&) = delete;
  ~Transactor() = default;

  [[nodiscard]] Recorder& events() noexcept { return run_.events(); }
  Status Stop() { return run_.Stop(); }
  [[nodiscard]] std::optional<Status> Ended() { return run_.Ended(); }

 private:
  Database db_;
  ConsumerThread run_;
};

}  // namespace offsetstore::testing
