// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_list.h"

#include <fcntl.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "header.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "log_file.h"
#include "log_view.h"
#include "names.h"

namespace offsetstore::internal {
namespace {

// The name of a group too long for a file's name stands in the header alone.
Result<std::string> NameOf(const Folder& folder, std::string_view base) {
  if (auto group = GroupOf(base)) return *std::move(group);
  const std::string name = LogName(base);
  const std::string path = folder.PathOf(name);
  const int fd = folder.fs().Open(folder.fd(), name.c_str(), O_RDONLY, 0);
  if (fd < 0) return ErrnoError(-fd, "open " + path);
  const LogFile file(folder.fs(), Descriptor(folder.fs(), fd), {}, false);
  OS_ASSIGN_OR_RETURN(const std::string text, file.ReadFrom(0, path));
  auto header = ParseHeader(std::string_view(text).substr(0, text.find('\n')));
  if (header) return std::move(header->group);
  Error error = std::move(header).error();
  error.message = path + ": " + error.message;
  return error;
}

}  // namespace

Result<std::vector<std::string>> GroupsFrom(const Folder& folder, const std::string& from) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder.Names());
  std::vector<std::string> groups;
  for (const std::string& name : names) {
    const auto base = LogBase(name);
    if (!base) continue;
    OS_ASSIGN_OR_RETURN(std::string group, NameOf(folder, *base));
    if (group >= from) groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

bool IsListed(const std::shared_ptr<Folder>& folder, const std::string& group) {
  LogView view(folder, FileBase(group), group);
  if (!view.RefreshToRead()) return true;
  const RecordMap& records = view.state().records;
  return std::any_of(
      records.begin(), records.end(), [](const auto& one) { return one.second.entry.has_value(); });
}

}  // namespace offsetstore::internal
