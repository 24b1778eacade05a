// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/export.h"

#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

Status ExportGroup(OffsetStore& store,
                   const std::string& group,
                   const ExportOptions& options,
                   RowWriter& writer) {
  Answers<Read> reads = store.Fetch(group, {}, Deadline::After(options.timeout));
  if (!reads) {
    return writer.Add({group, {{"", Row::kWholeGroup}, reads.error(), {}}, 0});
  }
  for (Read& read : *reads) {
    if (!options.topics.Matches(read.at.topic)) continue;
    OS_RETURN_IF_ERROR(writer.Add({group, std::move(read), 0}));
  }
  return {};
}

}  // namespace

Result<GroupCount> ExportStore(OffsetStore& store,
                               const ExportOptions& options,
                               RowWriter& writer) {
  return ForEachGroup(store, options.groups, options.timeout, [&](const std::string& group) {
    return ExportGroup(store, group, options, writer);
  });
}

}  // namespace offsetstore::migration
