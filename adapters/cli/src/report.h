// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace offsetstore::cli {

using Json = nlohmann::ordered_json;

enum class OutputForm { kTable, kJson, kCsv };

/// What a command prints: rows of named values. A missing value is `null` in JSON, empty in CSV and
/// `-` in a table. Text is kept as bytes; each form escapes as it must.
struct Report {
  Json head = Json::object();        ///< Members beside the rows, in JSON only.
  std::string rows_name;             ///< The rows' member in JSON: `partitions`.
  std::vector<std::string> columns;  ///< In order; the CSV header.
  std::vector<Json> rows;            ///< One object per row, with the columns' names.
  /// The column that a table shows on a line of its own below the row: whole sentences.
  std::string below = {};
};

/// The value of a column; null where the row has none.
[[nodiscard]] const Json& ValueOf(const Json& row, const std::string& column);

/// Bytes of a text as they are, numbers and booleans as JSON writes them.
[[nodiscard]] std::string PlainText(const Json& value);

/// RFC 4180: a header, then one record per row, fields quoted where they need it. Bytes as they
/// are.
[[nodiscard]] std::string RenderCsv(const Report& report);

/// One document. Text that is not UTF-8 is escaped, and given whole as `<name>_hex` beside it.
[[nodiscard]] std::string RenderJson(const Report& report);

[[nodiscard]] std::string Render(const Report& report, OutputForm form);

/// A report whose rows come one after the other, printed in pieces: memory for one piece. A table
/// is printed as one table per piece; CSV and JSON are one document.
class RowStream {
 public:
  /// `shape`: head, rows' name and columns; its rows are left out of account.
  RowStream(Report shape, OutputForm form) : shape_(std::move(shape)), form_(form) {}

  /// What can be printed now that `row` is there; often nothing.
  [[nodiscard]] std::string Add(Json row);
  /// The rest, with `tail`: members that stand behind the rows, in JSON only.
  [[nodiscard]] std::string End(const Json& tail);

 private:
  [[nodiscard]] std::string Piece();
  [[nodiscard]] std::string JsonPiece();

  Report shape_;
  OutputForm form_;
  bool begun_ = false;
};

}  // namespace offsetstore::cli
