// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// `words`, then `more`.
[[nodiscard]] Words Joined(Words words, const Words& more);

/// Runs `offsetctl migrate` and its relatives with files of their own, without waits.
struct Migrating {
  TempDir folder;
  std::string from;
  std::string to;

  [[nodiscard]] std::string State() const { return (folder / "state").string(); }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (folder.path() / name).string();
  }
  /// `command` with both sides, `--output json`, the state folder, and `more`.
  [[nodiscard]] Ran Run(const std::string& command, const Words& more = {}) const;
  /// `migrate`, without the wait between two samples.
  [[nodiscard]] Ran Migrate(const Words& more = {}) const;
  /// The same, with `--execute --yes`.
  [[nodiscard]] Ran Execute(const Words& more = {}) const;

  /// The words of an `apply` that does the plan, for a run of its own.
  [[nodiscard]] Words ApplyWords(const std::string& plan) const;

  /// What the report of `ran` says of a partition: `group/topic/partition` to `outcome reason`, or
  /// `action reason` where nothing was executed.
  [[nodiscard]] static std::map<std::string, std::string> Told(const Ran& ran);
  /// What `get` shows: `topic/partition` to the position, -1 where there is none.
  [[nodiscard]] static std::map<std::string, std::int64_t> Stored(const std::string& uri,
                                                                  const std::string& group);
  /// `set --execute`.
  static void Set(const std::string& uri, const std::string& group, const Words& settings);
};

/// From a folder of files to a database that is there and holds another group.
struct FileToSqlite : Migrating {
  FileToSqlite();
};

}  // namespace offsetstore::testing
