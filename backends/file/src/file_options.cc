// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <utility>

#include "file_store.h"
#include "internal/macros.h"
#include "paths.h"

namespace offsetstore {
namespace {

FileSync SyncOf(const std::string& word) {
  if (word == "interval") return FileSync::kInterval;
  return word == "never" ? FileSync::kNever : FileSync::kAlways;
}

Status CheckAuthority(const Uri& uri) {
  if (uri.hosts.empty() && uri.user.empty() && uri.password.empty()) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   "file: names a folder of this machine; write file:///var/lib/app/offsets with "
                   "three slashes");
}

}  // namespace

Result<FileOptions> FileOptions::FromUri(const Uri& uri) {
  constexpr Duration kShortestInterval = std::chrono::milliseconds(1);
  OS_RETURN_IF_ERROR(CheckAuthority(uri));
  FileOptions options;
  QueryReader query(uri);
  options.space = query.String("space", "");
  options.create = query.Bool("create", options.create);
  options.sync = SyncOf(query.Choice("sync", {"always", "interval", "never"}, "always"));
  options.sync_interval = query.Duration("sync-interval", options.sync_interval);
  options.compact_above = query.Size("compact-above", options.compact_above);
  options.max_open_groups =
      static_cast<std::size_t>(query.Integer("max-open-groups",
                                             static_cast<std::int64_t>(options.max_open_groups),
                                             1,
                                             std::numeric_limits<std::int32_t>::max()));
  options.allow_network_file_system =
      query.Choice("network-file-system", {"refuse", "allow"}, "refuse") == "allow";
  OS_RETURN_IF_ERROR(query.Finish());
  if (options.sync_interval < kShortestInterval) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "sync-interval must be at least 1ms; for none use sync=never");
  }
  OS_ASSIGN_OR_RETURN(options.folder, internal::CheckedPath(uri.path));
  return options;
}

Status RegisterFileBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "file";
  backend.schemes = {"file"};
  backend.summary = "one readable file for each group in a folder of this machine";
  backend.example = "file:///var/lib/app/offsets";
  backend.made_by_opening = true;
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const FileOptions options, FileOptions::FromUri(uri));
    return OpenFileStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const FileOptions options, FileOptions::FromUri(uri));
    return internal::ExamineFileStore(options, deadline);
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
