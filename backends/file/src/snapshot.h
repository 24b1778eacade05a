// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "folder.h"
#include "log_file.h"
#include "replay.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The content of a new file for `records`, whose lines are numbered after `last`, and in `*state`
/// what it says, but for the records.
[[nodiscard]] std::string SnapshotOf(const RecordMap& records,
                                     std::uint64_t last,
                                     FileHeader header,
                                     LogState* state);

/// A header for a new file of `group`: a fresh id, the folder's store and space.
[[nodiscard]] FileHeader NewHeader(const Folder& folder, std::string_view group);

/// Puts `content` under the group's name and syncs the folder. Where only that last sync failed,
/// the new file stands under the name already and comes back marked as failed.
[[nodiscard]] Result<std::shared_ptr<LogFile>> PublishSnapshot(const Folder& folder,
                                                               std::string_view base,
                                                               std::string_view content);

/// Copies the file beside itself, `<name>.damaged-<n>`, unless a copy of the same content is there.
/// Returns the copy's path.
[[nodiscard]] Result<std::string> KeepCopy(const Folder& folder,
                                           std::string_view base,
                                           const LogFile& file);

}  // namespace internal
}  // namespace offsetstore
