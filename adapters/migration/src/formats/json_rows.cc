// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/json_rows.h"

#include <limits>
#include <utility>

#include "formats/fields.h"
#include "formats/readers.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

bool HasText(const Json& object, const std::string& name) {
  return object.contains(name) || object.contains(name + "_hex");
}

Result<Row> RowOfJson(const Json& json) {
  Row row;
  OS_ASSIGN_OR_RETURN(row.group, TakeText(json, "group"));
  OS_ASSIGN_OR_RETURN(row.read.slot, SlotOf(json));
  if (!HasText(json, "topic") && std::holds_alternative<Error>(row.read.slot)) {
    row.read.at.partition = Row::kWhole;
    return row;
  }
  OS_ASSIGN_OR_RETURN(row.read.at.topic, TakeText(json, "topic"));
  if (!json.contains("partition") && std::holds_alternative<Error>(row.read.slot)) {
    row.read.at.partition = Row::kWhole;
    return row;
  }
  OS_ASSIGN_OR_RETURN(const std::int64_t partition,
                      TakeNumber(json, "partition", 0, std::numeric_limits<std::int32_t>::max()));
  row.read.at.partition = static_cast<std::int32_t>(partition);
  if (json.contains("claim")) {
    OS_ASSIGN_OR_RETURN(row.read.claim, ClaimOf(json.at("claim")));
  }
  return row;
}

Status CheckHeader(const Json& json) {
  const Result<std::string> format = TakeText(json, "format");
  if (!format || *format != kPositionsFormat) {
    return MakeError(ErrorCode::kInvalidArgument,
                     R"(it does not start with the header of this format, {"format":")" +
                         std::string(kPositionsFormat) + R"(",...} on one line)");
  }
  OS_ASSIGN_OR_RETURN(const std::int64_t version, TakeNumber(json, "version", 1));
  if (version == kPositionsVersion) return {};
  return MakeError(ErrorCode::kUnsupported,
                   "it is of version " + std::to_string(version) + ", and this program reads " +
                       std::to_string(kPositionsVersion) + ": use a newer one");
}

class JsonReader {
 public:
  JsonReader(Source& source, const TakeRow& take) : source_(source), take_(take) {}

  Status Run() {
    OS_ASSIGN_OR_RETURN(const std::optional<Json> header, NextObject());
    if (!header) return source_.BadFile("it is empty");
    OS_RETURN_IF_ERROR(AtLine(CheckHeader(*header)));
    while (true) {
      OS_ASSIGN_OR_RETURN(const std::optional<Json> json, NextObject());
      if (!json) {
        return source_.BadFile("it was cut: after " + std::to_string(rows_) +
                               " rows its last line, {\"end\":...}, is missing");
      }
      if (json->contains("end")) return End(*json);
      Result<Row> row = RowOfJson(*json);
      if (!row) return source_.Bad(row.error());
      row->line = source_.line();
      ++rows_;
      OS_RETURN_IF_ERROR(take_(*std::move(row)));
    }
  }

 private:
  [[nodiscard]] Status AtLine(const Status& status) const {
    if (status) return {};
    return source_.Bad(status.error());
  }

  Result<std::optional<Json>> NextObject() {
    std::string line;
    OS_ASSIGN_OR_RETURN(const bool any, source_.NextFullLine(line));
    if (!any) return std::optional<Json>();
    Result<Json> json = ParseJson(line);
    if (!json) {
      return source_.Bad(json.error().message + " (each line holds one object; jq -c keeps it so)");
    }
    if (!json->is_object()) return source_.Bad("it is no JSON object");
    return std::optional<Json>(*std::move(json));
  }

  Status End(const Json& json) {
    const Result<std::int64_t> rows = TakeNumber(json, "rows", 0);
    if (!rows) return source_.Bad(rows.error());
    if (static_cast<std::uint64_t>(*rows) != rows_) {
      return source_.Bad("it counts " + std::to_string(*rows) + " rows, but " +
                         std::to_string(rows_) +
                         " stand before it: lines were taken out or added; mend the count if that "
                         "was meant");
    }
    OS_ASSIGN_OR_RETURN(const std::optional<Json> more, NextObject());
    if (more) return source_.Bad("it stands after the end of the positions");
    return {};
  }

  Source& source_;
  const TakeRow& take_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Json PositionsHeader(const StoreInfo& from) {
  Json json = {{"format", kPositionsFormat}, {"version", kPositionsVersion}};
  json["made_ms"] = Now().time_since_epoch().count();
  Json store = Json::object();
  PutText(store, "scheme", from.scheme);
  PutText(store, "endpoint", from.endpoint);
  PutText(store, "id", from.store_id);
  PutText(store, "space", from.space);
  json["store"] = std::move(store);
  return json;
}

Json PositionsEnd(std::uint64_t rows) {
  return {{"end", true}, {"rows", rows}};
}

Json RowJson(const Row& row) {
  Json json = Json::object();
  PutText(json, "group", row.group);
  if (!row.IsWholeGroup()) PutText(json, "topic", row.read.at.topic);
  if (row.read.at.partition != Row::kWhole) json["partition"] = row.read.at.partition;
  json.update(SlotJson(row.read.slot));
  if (row.read.claim) json["claim"] = ClaimJson(row.read.claim);
  return json;
}

Status ReadJson(Source& source, const FormatOptions& options, const TakeRow& take) {
  OS_RETURN_IF_ERROR(CheckNoGroup(source, options));
  return JsonReader(source, take).Run();
}

}  // namespace offsetstore::migration
