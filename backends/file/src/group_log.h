// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "folder.h"
#include "internal/flock.h"
#include "internal/rules.h"
#include "internal/turn.h"
#include "log_view.h"
#include "sync_point.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// What a group's log needs of the store's options.
struct LogSettings {
  FileSync sync = FileSync::kAlways;
  std::size_t compact_above = 0;
  std::shared_ptr<FileStats> stats;  // shared with the store and with its caller
};

/// The file of one group: reads, appends under the lock of all processes, syncs without it.
///
/// Locks, in the order in which they are taken: `turn_` (one writer of this process), the lock
/// file (one writer of all processes), `state_mutex_` (the view, never held over a write or a
/// sync). The sync point's lock is never held together with another one. Threads: any.
class GroupLog {
 public:
  using Changes = std::vector<std::pair<TopicPartition, Record>>;
  /// Decides, on the records as all processes see them, what to write.
  using Decide = std::function<Changes(const RecordMap&)>;

  GroupLog(std::shared_ptr<Folder> folder, std::string_view group, LogSettings settings);

  /// Calls `look` with the records. Takes no lock of other processes.
  [[nodiscard]] Status Read(const std::function<void(const RecordMap&)>& look);

  struct Written {
    std::uint64_t target = 0;       ///< For `Settle`.
    std::optional<Error> in_doubt;  ///< The append failed so that nobody knows how far it came.
  };
  /// Decides and appends what was decided. An error means that nothing was written.
  [[nodiscard]] Result<Written> Write(const Decide& decide, Deadline deadline);

  /// Returns when what was written, and every line before it, may be acknowledged at the store's
  /// level. An error (`InDoubt`) means that it may or may not survive.
  [[nodiscard]] Status Settle(std::uint64_t target, Deadline deadline);

  /// Forces everything written by this process so far to the disk.
  [[nodiscard]] Status Sync(Deadline deadline);

  /// Syncs and, where much of the file is outdated, compacts it.
  [[nodiscard]] Status Finish(Deadline deadline);

 private:
  /// What one write puts into the file.
  struct Batch {
    Changes changes;
    std::shared_ptr<LogFile> file;
    std::string bytes;
    std::uint64_t offset = 0;  ///< Where the bytes go.
    std::uint64_t last = 0;    ///< Number of the last line.
  };

  Status WithLock(Deadline deadline, const std::function<Status()>& section);
  Status OpenLock();

  // All of these require the lock.
  Status Prepare();
  Status Cut(LogFile& file, std::uint64_t end, std::uint64_t bytes);
  Status Refuse(const LogFile& file, const Tail& tail);
  Status Heal();
  void Poison();
  Status WriteLocked(const Decide& decide, Written* written);
  Status Create(Changes changes, Written* written);
  Status Append(Batch batch, Written* written);
  Status TakeBack(const Batch& batch, int write_error, Written* written);
  bool Take(Batch batch);
  void CompactIfWorthwhile();
  Status Compact();

  // Requires the lock and `state_mutex_`.
  void Encode(Batch* batch) const;

  Result<std::uint64_t> SyncNow(Deadline deadline);
  bool SyncFile(LogFile& file) const;
  std::uint64_t Last();

  const std::shared_ptr<Folder> folder_;
  const std::string base_;
  const std::string group_;
  const LogSettings settings_;

  internal::Turn turn_;
  std::optional<LockFile> lock_;          // guarded by turn_
  std::uint64_t cut_bytes_ = 0;           // guarded by turn_: cut, and not yet written down
  std::uint64_t compact_when_above_ = 0;  // guarded by turn_: grows when a compaction fails

  std::mutex state_mutex_;
  LogView view_;  // guarded by state_mutex_

  SyncPoint synced_;
  std::atomic<bool> wrote_{false};
};

}  // namespace internal
}  // namespace offsetstore
