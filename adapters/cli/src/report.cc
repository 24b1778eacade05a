// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>
#include <cstddef>

#include "console.h"
#include "internal/characters.h"
#include "offsetstore/error.h"
#include "table.h"

namespace offsetstore::cli {
namespace {

std::string CsvField(const Json& value) {
  if (value.is_null()) return {};
  std::string text = PlainText(value);
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

bool IsUtf8(const std::string& text) {
  // A strict dump replaces nothing and throws; a replacing one changes only what is not UTF-8.
  const std::string dumped = Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore);
  return Json::parse(dumped).get<std::string>() == text;
}

Json Clean(const Json& row) {
  Json clean = Json::object();
  for (const auto& [name, value] : row.items()) {
    if (value.is_object()) {
      clean[name] = Clean(value);
      continue;
    }
    if (!value.is_string() || IsUtf8(value.get<std::string>())) {
      clean[name] = value;
      continue;
    }
    clean[name] = Printable(value.get<std::string>());
    clean[name + "_hex"] = internal::Hex(value.get<std::string>());
  }
  return clean;
}

/// A row with every column, clean.
Json Complete(const Report& report, const Json& row) {
  Json complete = Json::object();
  for (const std::string& column : report.columns) complete[column] = ValueOf(row, column);
  return Clean(complete);
}

}  // namespace

const Json& ValueOf(const Json& row, const std::string& column) {
  static const Json kNone;
  const auto found = row.find(column);
  return found == row.end() ? kNone : *found;
}

std::string PlainText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string RenderCsv(const Report& report) {
  std::string out;
  const auto append = [&](const auto& field_of) {
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < report.columns.size(); ++i) {
      out += (i == 0 ? "" : ",") + field_of(report.columns[i]);
    }
    // An empty line is no row to its readers.
    if (out.size() == start) out += "\"\"";
    out += "\n";
  };
  append([](const std::string& column) { return column; });
  for (const Json& row : report.rows) {
    append([&](const std::string& column) { return CsvField(ValueOf(row, column)); });
  }
  return out;
}

std::string RenderJson(const Report& report) {
  Json document = Clean(report.head);
  Json& rows = document[report.rows_name] = Json::array();
  for (const Json& row : report.rows) rows.push_back(Complete(report, row));
  return document.dump(2) + "\n";
}

std::string Render(const Report& report, OutputForm form) {
  switch (form) {
    case OutputForm::kJson:
      return RenderJson(report);
    case OutputForm::kCsv:
      return RenderCsv(report);
    case OutputForm::kTable:
      break;
  }
  return RenderTable(report, OutputScreen());
}

std::string RowStream::Add(Json row) {
  // Enough for columns to be of a kind, little enough for any machine.
  constexpr std::size_t kPiece = 1000;
  shape_.rows.push_back(std::move(row));
  return shape_.rows.size() < kPiece ? std::string() : Piece();
}

std::string RowStream::End(const Json& tail) {
  std::string out = Piece();
  if (form_ != OutputForm::kJson) return out;
  out += "\n  ]";
  const Json clean = Clean(tail);
  for (const auto& [name, value] : clean.items()) {
    out += ",\n  " + Json(name).dump() + ": " + value.dump();
  }
  return out + "\n}\n";
}

std::string RowStream::Piece() {
  std::string out;
  if (form_ == OutputForm::kJson) {
    out = JsonPiece();
  } else if (form_ == OutputForm::kCsv) {
    out = RenderCsv(shape_);
    if (begun_) out.erase(0, out.find('\n') + 1);
  } else if (!begun_ || !shape_.rows.empty()) {
    out = (begun_ ? "\n" : "") + RenderTable(shape_, OutputScreen());
  }
  begun_ = true;
  shape_.rows.clear();
  return out;
}

std::string RowStream::JsonPiece() {
  std::string out;
  if (!begun_) {
    out = "{";
    const Json head = Clean(shape_.head);
    for (const auto& [name, value] : head.items()) {
      out += "\n  " + Json(name).dump() + ": " + value.dump() + ",";
    }
    out += "\n  " + Json(shape_.rows_name).dump() + ": [";
  }
  bool first = !begun_;
  for (const Json& row : shape_.rows) {
    out += (first ? "\n    " : ",\n    ") + Complete(shape_, row).dump();
    first = false;
  }
  return out;
}

}  // namespace offsetstore::cli
