// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace offsetstore::testing {

/// What a disk is sure to hold: while one lives, every `fsync` and `fdatasync` of this process,
/// also one of a library, is noted with what it reached - of a file its content, of a folder its
/// names. The calls themselves go on to the kernel. One at a time. An executable that uses it lists
/// synced_disk.cc among its sources. Threads: any.
class SyncedDisk {
 public:
  SyncedDisk();
  SyncedDisk(const SyncedDisk&) = delete;
  SyncedDisk& operator=(const SyncedDisk&) = delete;
  ~SyncedDisk();

  /// How often that file or folder was synced; 0 where it is not there.
  [[nodiscard]] int SyncsOf(const std::filesystem::path& path) const;

  /// Makes `to`, an empty folder, hold what is left of `folder` when the power goes now and nothing
  /// lasts that was not synced: the names that the folder had at its last sync, each with the
  /// content of the file's last sync.
  void CutPower(const std::filesystem::path& folder, const std::filesystem::path& to) const;
};

}  // namespace offsetstore::testing
