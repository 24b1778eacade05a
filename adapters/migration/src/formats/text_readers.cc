// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "formats/fields.h"
#include "formats/readers.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

using LineToRow = std::function<Result<Row>(const std::string& line)>;

Status ReadLines(Source& source, const TakeRow& take, const LineToRow& to_row) {
  std::string line;
  while (true) {
    OS_ASSIGN_OR_RETURN(const bool any, source.NextFullLine(line));
    if (!any) return {};
    Result<Row> row = to_row(line);
    if (!row) return source.Bad(row.error());
    row->line = source.line();
    OS_RETURN_IF_ERROR(take(*std::move(row)));
  }
}

/// Three fields or four, the same in every line.
class KafkaCsv {
 public:
  KafkaCsv(const Source& source, const FormatOptions& options)
      : source_(source), options_(options) {}

  Result<Row> operator()(const std::string& line) {
    OS_ASSIGN_OR_RETURN(std::vector<std::string> fields, SplitCsv(line));
    const bool first = columns_ == 0;
    if (first) columns_ = fields.size();
    if (columns_ != 3 && columns_ != 4) {
      return Wrong(fields.size(), "topic,partition,offset or group,topic,partition,offset");
    }
    if (fields.size() != columns_) {
      return Wrong(fields.size(), "as many as in the first line, " + std::to_string(columns_));
    }
    if (first) OS_RETURN_IF_ERROR(LearnGroup());
    std::string group = columns_ == 4 ? std::move(fields[0]) : group_;
    const std::size_t at = columns_ - 3;
    return RowOf(std::move(group), std::move(fields[at]), fields[at + 1], fields[at + 2]);
  }

 private:
  static Error Wrong(std::size_t found, const std::string& wanted) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "it has " + std::to_string(found) + " fields, not " + wanted);
  }

  Status LearnGroup() {
    if (columns_ == 4) return CheckNoGroup(source_, options_);
    OS_ASSIGN_OR_RETURN(group_, GivenGroup(source_, options_));
    return {};
  }

  const Source& source_;
  const FormatOptions& options_;
  std::size_t columns_ = 0;
  std::string group_;
};

}  // namespace

Status ReadKafkaCsv(Source& source, const FormatOptions& options, const TakeRow& take) {
  return ReadLines(source, take, KafkaCsv(source, options));
}

Status ReadZk(Source& source, const FormatOptions& options, const TakeRow& take) {
  OS_RETURN_IF_ERROR(CheckNoGroup(source, options));
  return ReadLines(source, take, [](const std::string& line) -> Result<Row> {
    OS_ASSIGN_OR_RETURN(ZkParts parts, SplitZk(line));
    return RowOf(std::move(parts.group), std::move(parts.topic), parts.partition, parts.offset);
  });
}

Status ReadRpk(Source& source, const FormatOptions& options, const TakeRow& take) {
  OS_ASSIGN_OR_RETURN(const std::string group, GivenGroup(source, options));
  std::string line;
  while (true) {
    OS_ASSIGN_OR_RETURN(const bool any, source.NextFullLine(line));
    if (!any) return {};
    std::vector<std::string> fields = SplitBlanks(line);
    if (fields.size() != 3) {
      return source.Bad("it has " + std::to_string(fields.size()) +
                        " fields, not TOPIC PARTITION OFFSET");
    }
    if (source.line() == 1 && IsRpkHeader(fields)) continue;
    Result<Row> row = RowOf(group, std::move(fields[0]), fields[1], fields[2]);
    if (!row) return source.Bad(row.error());
    row->line = source.line();
    OS_RETURN_IF_ERROR(take(*std::move(row)));
  }
}

}  // namespace offsetstore::migration
