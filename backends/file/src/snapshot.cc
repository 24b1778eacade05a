// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "snapshot.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "internal/flock.h"
#include "internal/macros.h"
#include "line.h"
#include "names.h"
#include "offsetstore/types.h"

namespace offsetstore::internal {
namespace {

// Whether the file of that name holds exactly `content`.
Result<bool> Holds(const Folder& folder, const std::string& name, std::string_view content) {
  const int fd = folder.fs().Open(folder.fd(), name.c_str(), O_RDONLY, 0);
  if (fd < 0) return ErrnoError(-fd, "open " + folder.PathOf(name));
  const LogFile copy(folder.fs(), Descriptor(folder.fs(), fd), {}, false);
  OS_ASSIGN_OR_RETURN(const std::string held, copy.ReadFrom(0, folder.PathOf(name)));
  return held == content;
}

}  // namespace

std::string SnapshotOf(const RecordMap& records,
                       std::uint64_t last,
                       FileHeader header,
                       LogState* state) {
  header.first = last + 1;
  header.durable = last + records.size();
  std::string content;
  AppendHeader(content, header);
  const std::uint64_t durable = header.durable;
  *state = StateAfter(std::move(header), 0);
  for (const auto& [at, record] : records) {
    ++state->last;
    ++state->lines;
    AppendKeep(content, {state->last, durable, state->last, 0}, at, record);
  }
  state->end = content.size();
  return content;
}

FileHeader NewHeader(const Folder& folder, std::string_view group) {
  FileHeader header;
  header.file_id = Nonce::Random().Hex();
  header.store_id = folder.store_id();
  header.group = group;
  header.space = folder.space();
  return header;
}

Result<std::shared_ptr<LogFile>> PublishSnapshot(const Folder& folder,
                                                 std::string_view base,
                                                 std::string_view content) {
  OS_ASSIGN_OR_RETURN(Descriptor open, folder.Publish(base, LogName(base), content));
  const int fd = open.get();
  struct stat found {};
  const int stat_error = folder.fs().StatOpen(fd, &found);
  if (stat_error < 0) return ErrnoError(-stat_error, "stat " + folder.PathOf(LogName(base)));
  auto file = std::make_shared<LogFile>(folder.fs(), std::move(open), found, true);
  // Until the folder is synced a power cut may bring the old file back under the name.
  file->folder_synced = folder.fs().Sync(folder.fd()) == 0;
  file->failed = !file->folder_synced;
  return file;
}

Result<std::string> KeepCopy(const Folder& folder, std::string_view base, const LogFile& file) {
  constexpr int kMostCopies = 1000;
  const std::string name = LogName(base);
  OS_ASSIGN_OR_RETURN(const std::string content, file.ReadFrom(0, folder.PathOf(name)));
  for (int i = 1; i <= kMostCopies; ++i) {
    const std::string copy = name + ".damaged-" + std::to_string(i);
    struct stat found {};
    const int error = folder.fs().Stat(folder.PathOf(copy).c_str(), &found);
    if (error == -ENOENT) {
      OS_RETURN_IF_ERROR(folder.Publish(base, copy, content));
      return folder.PathOf(copy);
    }
    if (error < 0) return ErrnoError(-error, "look at " + folder.PathOf(copy));
    OS_ASSIGN_OR_RETURN(const bool same, Holds(folder, copy, content));
    if (same) return folder.PathOf(copy);
  }
  return MakeError(ErrorCode::kUnavailable,
                   "there are " + std::to_string(kMostCopies) + " damaged copies of " +
                       folder.PathOf(name) + " already; remove some");
}

}  // namespace offsetstore::internal
