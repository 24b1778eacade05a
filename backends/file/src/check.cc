// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include "folder.h"
#include "internal/macros.h"
#include "log_view.h"
#include "names.h"
#include "offsetstore/backends/file.h"

namespace offsetstore {

Result<GroupFileReport> CheckGroupFile(const FileOptions& options, std::string_view group) {
  using internal::Folder;
  OS_ASSIGN_OR_RETURN(auto folder,
                      Folder::Open(internal::KernelFileSystem(),
                                   options,
                                   Folder::Missing::kRefuse,
                                   Deadline::After(Duration::zero())));
  internal::LogView view(std::move(folder), internal::FileBase(group), group);
  auto read = view.RefreshToRead();
  if (!read && read.error().code != ErrorCode::kCorrupt) return std::move(read).error();
  if (!view.file()) {
    if (!read) return std::move(read).error();
    return MakeError(ErrorCode::kInvalidArgument,
                     "group '" + Printable(group) + "' has no file " + view.path());
  }
  OS_ASSIGN_OR_RETURN(const std::string rest, view.file()->ReadFrom(view.state().end, view.path()));
  GroupFileReport report;
  report.path = view.path();
  report.lines = view.state().lines;
  report.partitions = view.state().records.size();
  report.last_number = view.state().last;
  report.durable_mark = view.state().mark;
  report.tails_cut = view.state().cuts;
  if (read) {
    report.torn_bytes = rest.size();
  } else {
    report.durable_mark = Judge(view.state(), rest).mark;
    report.damage = std::move(read).error().message;
  }
  return report;
}

}  // namespace offsetstore
