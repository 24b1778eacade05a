// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "folder.h"
#include "group_log.h"
#include "interval_syncer.h"
#include "offsetstore/backends/file.h"
#include "offsetstore/examine.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// What is known of a store in that folder.
[[nodiscard]] StoreInfo InfoOf(const Folder& folder, const FileOptions& options);

/// One file for each group: docs/formats/file-store.md.
class FileStore final : public OffsetStore {
 public:
  FileStore(std::shared_ptr<Folder> folder, const FileOptions& options);
  ~FileStore() override;

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
  [[nodiscard]] Answers<offsetstore::Read> Fetch(std::string_view group,
                                                 const Selection& selection,
                                                 Deadline deadline) override;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override;
  [[nodiscard]] Status Close(Deadline deadline) override;

 private:
  struct OpenLog {
    std::shared_ptr<GroupLog> log;  // shared with the calls that use it now
    std::uint64_t used = 0;
  };

  [[nodiscard]] Status CheckUsable() const;
  [[nodiscard]] std::shared_ptr<GroupLog> LogOf(std::string_view group, Deadline deadline);
  void MakeRoom(Deadline deadline);
  [[nodiscard]] std::vector<std::shared_ptr<GroupLog>> Logs();

  /// Writes what `decide` says and waits for the disk where `has_fine` says that something is to be
  /// acknowledged. The error, where there is one, makes every fine answer in doubt.
  [[nodiscard]] Result<std::optional<Error>> Write(std::string_view group,
                                                   const GroupLog::Decide& decide,
                                                   const std::function<bool()>& has_fine,
                                                   Deadline deadline);
  [[nodiscard]] Answers<Outcome> WriteOutcomes(
      std::string_view group,
      const std::function<GroupLog::Changes(const RecordMap&, std::vector<Outcome>*)>& decide,
      Deadline deadline);

  const std::shared_ptr<Folder> folder_;
  const std::size_t max_open_groups_;
  const LogSettings settings_;
  const pid_t pid_;
  StoreInfo info_;
  std::atomic<bool> closed_{false};

  std::mutex mutex_;
  std::map<std::string, OpenLog, std::less<>> logs_;  // guarded by mutex_
  std::uint64_t uses_ = 0;                            // guarded by mutex_

  std::unique_ptr<IntervalSyncer> syncer_;
};

/// `OpenFileStore` on other calls of the kernel. `fs` must outlive the store.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenFileStoreOn(FileSystem& fs,
                                                                   const FileOptions& options,
                                                                   Deadline deadline);

/// Looks at the folder, its files and its disk; makes nothing.
[[nodiscard]] Result<Examination> ExamineFileStore(const FileOptions& options, Deadline deadline);

}  // namespace internal
}  // namespace offsetstore
