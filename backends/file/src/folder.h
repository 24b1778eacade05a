// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "file_system.h"
#include "offsetstore/backends/file.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The store's folder, and in it the folder of one space. Constant once open. Threads: any.
class Folder {
 public:
  enum class Missing {
    kCreate,  ///< Make what is missing, so that groups can be written.
    kRefuse,  ///< Only look.
  };
  [[nodiscard]] static Result<std::shared_ptr<Folder>> Open(FileSystem& fs,
                                                            const FileOptions& options,
                                                            Missing missing,
                                                            Deadline deadline);

  [[nodiscard]] FileSystem& fs() const noexcept { return fs_; }
  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] const std::string& store_id() const noexcept { return store_id_; }
  [[nodiscard]] const std::string& space() const noexcept { return space_; }

  /// Path of a file of the space, for messages, locks and `Stat`.
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  /// The space's folder for `openat` and its kin; -1 where it is missing and may not be made.
  [[nodiscard]] int fd() const noexcept { return space_fd_.get(); }

  /// Whether the path still leads to the folders that were opened. `Unavailable` where they were
  /// removed, moved away or replaced: what is not found then is not absent.
  [[nodiscard]] Status CheckInPlace() const;

  /// Names in the space's folder; none where that is missing.
  [[nodiscard]] Result<std::vector<std::string>> Names() const;

  /// Puts a new file of that content under `name` in one step that a crash cannot split: a file of
  /// another name, synced, then renamed. The caller syncs the folder. Returns it open for reading
  /// and writing.
  [[nodiscard]] Result<Descriptor> Publish(std::string_view base,
                                           std::string_view name,
                                           std::string_view content) const;

  /// Gives a file that this process made to the owner of the folder, where root works in the
  /// folder of somebody who must be able to go on with it.
  void GiveToOwner(int fd) const noexcept;

 private:
  Folder(FileSystem& fs, std::string root, std::string space)
      : fs_(fs), root_(std::move(root)), space_(std::move(space)) {}

  Status OpenRoot(const FileOptions& options, Missing missing);
  Status CheckRights();
  Status CheckFileSystem(bool allow_network);
  Status ReadStoreId(Missing missing, Deadline deadline);
  Status MakeStoreId(Deadline deadline);
  bool HasMark() const;
  Status CheckEmpty() const;
  Status OpenSpace(Missing missing);
  void SweepLeftovers() const;

  FileSystem& fs_;
  std::string root_;
  std::string space_;
  std::string space_path_;
  std::string store_id_;
  uid_t owner_ = 0;
  gid_t owner_group_ = 0;
  Descriptor root_fd_;
  Descriptor space_fd_;
};

}  // namespace internal
}  // namespace offsetstore
