// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// When an accepted line is forced to the disk.
enum class FileSync : std::uint8_t {
  kAlways,    ///< Before it is acknowledged; threads of one process share a sync. `kPowerLoss`.
  kInterval,  ///< At most `sync_interval` after it was acknowledged. `kProcessCrash`.
  kNever,     ///< When the system likes, and on `Close`. `kProcessCrash`.
};

/// What one process did, counted since its store was opened. Read it from any thread.
struct FileStats {
  std::atomic<std::uint64_t> appends{0};             ///< Batches written.
  std::atomic<std::uint64_t> syncs{0};               ///< `fdatasync` calls that succeeded.
  std::atomic<std::uint64_t> failed_syncs{0};        ///< Each led to a new snapshot, or to errors.
  std::atomic<std::uint64_t> torn_tails_cut{0};      ///< Of writers that died within an append.
  std::atomic<std::uint64_t> compactions{0};         ///< Files rewritten, also the first time.
  std::atomic<std::uint64_t> failed_compactions{0};  ///< The old file stayed and is still in use.
};

struct FileOptions {
  std::filesystem::path folder;  ///< Absolute. Created 0700; its parent must exist.
  std::string space;             ///< Which world the keys belong to.
  bool create = true;            ///< False: a folder without a store in it is `ConfigInvalid`.
  FileSync sync = FileSync::kAlways;
  Duration sync_interval = std::chrono::seconds(1);
  /// A group's file is rewritten when it is larger than this and holds more than four lines for
  /// each partition.
  std::size_t compact_above = std::size_t{1} << 20U;
  /// Most groups whose files are kept open (two descriptors each).
  std::size_t max_open_groups = 256;
  /// Use the folder though it lies on a network file system. There `flock` may guard nothing and a
  /// sync may not reach a disk: no promise of the durability holds.
  bool allow_network_file_system = false;
  std::shared_ptr<FileStats> stats;  ///< Null = not counted for you.

  /// From `file:///dir?sync=always&sync-interval=1s&compact-above=1MiB&space=S` and so on
  /// (docs/backends/file.md). `ConfigInvalid` names the key or what is wrong with the path.
  [[nodiscard]] static Result<FileOptions> FromUri(const Uri& uri);
};

/// Opens the folder, and makes it where only its last component is missing. Errors: `ConfigInvalid`
/// (a relative path, no parent folder, a file, device or symbolic link, a folder that holds
/// something else, a network file system), `PermissionDenied`, `Unsupported` (made by a newer
/// release), `Unavailable`. A folder that may only be read opens, and refuses each write.
/// After `fork` every call in the child answers `Unavailable`: open the store again there.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenFileStore(const FileOptions& options,
                                                                 Deadline deadline);

/// Adds `file:` to the registry.
[[nodiscard]] Status RegisterFileBackend(BackendRegistry& registry);

/// What a look at one group's file shows.
struct GroupFileReport {
  std::filesystem::path path;
  std::uint64_t lines = 0;         ///< Whole lines, without the header.
  std::uint64_t partitions = 0;    ///< Of which anything is stored, tombstones included.
  std::uint64_t last_number = 0;   ///< Number of the last accepted line.
  std::uint64_t durable_mark = 0;  ///< The highest line that the file itself knows as durable.
  std::uint64_t tails_cut = 0;     ///< Torn tails cut in the life of this file.
  std::uint64_t torn_bytes = 0;    ///< Bytes after the last whole batch that the next writer cuts.
  std::optional<std::string> damage;  ///< Why the group is refused, with the line's number.
};

/// Reads one group's file without a lock and without changing anything. A damaged file is no error
/// here: `damage` says it. Errors: `ConfigInvalid` for the folder, `InvalidArgument` where the
/// group has no file, `Corrupt` where its header cannot be understood, `PermissionDenied`.
[[nodiscard]] Result<GroupFileReport> CheckGroupFile(const FileOptions& options,
                                                     std::string_view group);

struct RepairReport {
  std::filesystem::path path;
  std::filesystem::path copy;       ///< The damaged file as it was.
  std::uint64_t lines_kept = 0;     ///< Whole lines that the new file was made from.
  std::uint64_t lines_dropped = 0;  ///< Lines that were not whole.
};

/// Makes a damaged group usable again from every line that is whole. A partition whose newest lines
/// were damaged goes back to an older position: records are processed again, none is skipped. One
/// of which no line is whole has no position any more, and its consumer starts by its own policy:
/// look into the copy, and set it. Every claim that is left is raised and left released by an
/// operator, so that no former holder can commit. Keeps a copy first. A file that is not damaged is
/// left as it is: `InvalidArgument`. Also: `Corrupt` where not even the header is whole,
/// `Unsupported` for a newer format, `DeadlineExceeded` for the lock, `Unavailable` for the disk.
[[nodiscard]] Result<RepairReport> RepairGroupFile(const FileOptions& options,
                                                   std::string_view group,
                                                   Deadline deadline);

}  // namespace offsetstore
