// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/row.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore::cli {
namespace {

struct Wanted {
  std::string_view name;
  std::string_view type;
  bool (*fits)(const Column& column);
};

bool TakesText(const Column& column) {
  return column.text;
}

constexpr std::array kWanted = {
    Wanted{"topic", "text", TakesText},
    Wanted{"partition",
           "a whole number",
           [](const Column& column) { return column.integer_bits >= 32; }},
    Wanted{"offset",
           "a whole number of 64 bits",
           [](const Column& column) { return column.integer_bits >= 64; }},
    Wanted{"timestamp",
           "a whole number of 64 bits (milliseconds)",
           [](const Column& column) { return column.integer_bits >= 64; }},
    Wanted{
        "key", "bytes or text", [](const Column& column) { return column.bytes || column.text; }},
    Wanted{
        "value", "bytes or text", [](const Column& column) { return column.bytes || column.text; }},
    Wanted{"headers", "text (JSON)", TakesText}};

std::string Quoted(std::string_view name) {
  return '"' + Printable(name) + '"';
}

std::optional<std::string> ProblemWith(const Wanted& wanted, const std::vector<Column>& columns) {
  const auto column = std::ranges::find(columns, wanted.name, &Column::name);
  if (column == columns.end()) return "column " + Quoted(wanted.name) + " is missing";
  if (!column->writable) return "column " + Quoted(wanted.name) + " is computed by the database";
  if (wanted.fits(*column)) return std::nullopt;
  return "column " + Quoted(wanted.name) + " is " + Printable(column->type) + " and must be " +
         std::string(wanted.type);
}

/// PostgreSQL's text holds no NUL, not even escaped in its JSON.
bool IsText(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos && internal::IsUtf8(bytes);
}

nlohmann::json Cell(std::optional<std::string_view> bytes) {
  if (!bytes) return nullptr;
  if (IsText(*bytes)) return std::string(*bytes);
  return nlohmann::json::binary({bytes->begin(), bytes->end()});
}

/// Text stays text; else it is given whole as `<name>_hex`.
void AddBytes(nlohmann::json& out, const std::string& name, std::optional<std::string_view> bytes) {
  if (!bytes) {
    out[name] = nullptr;
  } else if (IsText(*bytes)) {
    out[name] = std::string(*bytes);
  } else {
    out[name + "_hex"] = internal::Hex(*bytes);
  }
}

nlohmann::json HeadersOf(const Record& record) {
  const std::vector<Header> headers = record.headers();
  if (headers.empty()) return nullptr;
  nlohmann::json list = nlohmann::json::array();
  for (const Header& header : headers) {
    nlohmann::json& one = list.emplace_back(nlohmann::json::object());
    AddBytes(one, "name", header.name);
    AddBytes(one, "value", header.value);
  }
  return list;
}

Error NoObject(const Record& record, const std::string& what) {
  return MakeError(ErrorCode::kCorrupt,
                   PlaceOf(record) + ": the value is " + what +
                       "; read on without --values json, or set the position behind it");
}

Status AddMembers(Row& row, const Record& record, const RowShape& shape) {
  if (!record.value()) return {};
  const Parsed parsed = ParseBounded(*record.value());
  if (parsed.too_deep) {
    return NoObject(record, "nested more than " + std::to_string(kDeepest) + " times");
  }
  const nlohmann::json& value = parsed.json;
  if (!value.is_object()) return NoObject(record, "no JSON object");
  for (const auto& [name, member] : value.items()) {
    if (shape.members.contains(name)) row[name] = member;
  }
  return {};
}

}  // namespace

Parsed ParseBounded(std::string_view text) {
  Parsed parsed;
  const auto look = [&parsed](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    parsed.too_deep = parsed.too_deep || depth > kDeepest;
    return !parsed.too_deep;
  };
  parsed.json = nlohmann::json::parse(text, look, false);
  return parsed;
}

bool IsRecordColumn(std::string_view name) {
  return std::ranges::find(kWanted, name, &Wanted::name) != kWanted.end();
}

Result<RowShape> CheckShape(const std::string& table,
                            const std::vector<Column>& columns,
                            Values values,
                            const std::string& example) {
  std::vector<std::string> problems;
  for (const Wanted& wanted : kWanted) {
    if (auto problem = ProblemWith(wanted, columns)) problems.push_back(*std::move(problem));
  }
  RowShape shape{.values = values, .members = {}};
  for (const Column& column : columns) {
    if (IsRecordColumn(column.name) || !column.writable) continue;
    if (values == Values::kJson) {
      shape.members.insert(column.name);
    } else if (column.required) {
      problems.push_back("column " + Quoted(column.name) +
                         " must not be null, and no record fills it");
    }
  }
  if (problems.empty()) return shape;
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "" : ", ") + problem;
  return MakeError(ErrorCode::kConfigInvalid,
                   "table " + Quoted(table) + ": " + all +
                       "; nothing was changed; choose another table, or make it as " + example);
}

Result<Row> RowOf(const Record& record, const RowShape& shape) {
  Row row = {{"topic", std::string(record.topic())},
             {"partition", record.partition()},
             {"offset", record.offset()},
             {"timestamp", nullptr},
             {"key", Cell(record.key())},
             {"value", Cell(record.value())},
             {"headers", HeadersOf(record)}};
  if (const auto time = record.timestamp()) row["timestamp"] = time->time_since_epoch().count();
  if (shape.values == Values::kJson) OS_RETURN_IF_ERROR(AddMembers(row, record, shape));
  return row;
}

std::string PlaceOf(const Record& record) {
  return ToString(TopicPartition{std::string(record.topic()), record.partition()}) + " offset " +
         std::to_string(record.offset());
}

}  // namespace offsetstore::cli
