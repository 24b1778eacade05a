// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/export.h"

#include <utility>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/migration/fetch_groups.h"

namespace offsetstore::migration {
namespace {

/// Reads some groups side by side, and writes them in the order they came.
class Exporter {
 public:
  Exporter(OffsetStore& store, const ExportOptions& options, RowWriter& writer)
      : store_(store), options_(options), writer_(writer) {}

  Status Add(const std::string& group) {
    groups_.push_back(group);
    return groups_.size() < 4 * options_.parallel ? Status() : Flush();
  }

  Status Flush() {
    std::vector<Answers<Read>> answers =
        FetchGroups(store_, groups_, {}, options_.parallel, options_.timeout);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      OS_RETURN_IF_ERROR(Write(groups_[i], std::move(answers[i])));
    }
    groups_.clear();
    return {};
  }

 private:
  Status Write(const std::string& group, Answers<Read> reads) {
    if (!reads) return writer_.Add({group, {{"", Row::kWhole}, reads.error(), {}}, 0});
    for (Read& read : *reads) {
      if (!options_.topics.Matches(read.at.topic)) continue;
      OS_RETURN_IF_ERROR(writer_.Add({group, std::move(read), 0}));
    }
    return {};
  }

  OffsetStore& store_;
  const ExportOptions& options_;
  RowWriter& writer_;
  std::vector<std::string> groups_;
};

}  // namespace

Result<GroupCount> ExportStore(OffsetStore& store,
                               const ExportOptions& options,
                               RowWriter& writer) {
  Exporter exporter(store, options, writer);
  OS_ASSIGN_OR_RETURN(
      const GroupCount count,
      ForEachGroup(store, options.groups, options.timeout, [&](const std::string& group) {
        return exporter.Add(group);
      }));
  OS_RETURN_IF_ERROR(exporter.Flush());
  return count;
}

}  // namespace offsetstore::migration
