// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "file_system.h"

namespace offsetstore::testing {

/// The kernel's file system with faults: calls that fail, a crash between two calls, and what a
/// power cut would leave. Syncs are only noted, which is what makes hundreds of lives affordable.
class FaultFileSystem final : public internal::FileSystem {
 public:
  /// Asked before each call that changes something (`write`, `sync`, `sync-data`, `truncate`,
  /// `rename`, `unlink`, `create`, `mkdir`): 0 lets it through, a negative errno fails it.
  using Rule = std::function<int(std::string_view call)>;

  void SetRule(Rule rule);
  /// Fails every call of that kind from now on.
  void Fail(std::string_view call, int error_number);
  /// Writes come this far and no further: then `error_number`. As a disk that runs full.
  void LimitWrites(std::size_t bytes, int error_number);
  void Mend();

  /// After `steps` more calls that change something the process is as good as dead: nothing it
  /// does reaches the file system.
  void CrashAfter(std::size_t steps);
  [[nodiscard]] bool Crashed() const;
  /// Calls that changed something so far, and which.
  [[nodiscard]] std::vector<std::string> Steps() const;

  void SetMagic(long magic);

  /// Notes what is there now as what the disk holds.
  void TakeAsDurable(const std::filesystem::path& space_folder);
  /// Makes the folder hold what a power cut would leave at worst: of each file what was synced, of
  /// the names those that the folder had when it was synced.
  void CutPower(const std::filesystem::path& space_folder) const;

  int Open(int folder, const char* name, int flags, mode_t mode) override;
  int Close(int fd) noexcept override;
  ssize_t Read(int fd, char* to, std::size_t bytes, off_t at) override;
  ssize_t Write(int fd, const char* from, std::size_t bytes, off_t at) override;
  int SyncData(int fd) override;
  int Sync(int fd) override;
  int Truncate(int fd, off_t size) override;
  int Rename(int folder, const char* from, const char* to) override;
  int Unlink(int folder, const char* name) override;
  int MakeFolder(int folder, const char* name, mode_t mode) override;
  int SetOwner(int fd, uid_t user, gid_t group) override;
  int Stat(const char* path, struct stat* to) override;
  int StatOpen(int fd, struct stat* to) override;
  int Magic(int fd, long* to) override;
  int List(int folder, std::vector<std::string>* to) override;

 private:
  int Step(std::string_view call);
  void NoteSynced(int fd);

  FileSystem& kernel_ = internal::KernelFileSystem();
  mutable std::mutex mutex_;    // guards all below
  std::shared_ptr<Rule> rule_;  // shared with a call that is asking it
  bool limited_ = false;
  std::size_t left_ = 0;
  int limit_error_ = 0;
  bool crashing_ = false;
  std::size_t steps_left_ = 0;
  std::vector<std::string> steps_;
  long magic_ = 0;
  bool noting_ = false;
  std::map<ino_t, std::string> synced_files_;
  std::map<std::string, ino_t> synced_names_;
};

}  // namespace offsetstore::testing
