// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/consumer.h"

namespace offsetstore::cli {

/// A column of the table that records go into.
struct Column {
  std::string name;
  std::string type;       ///< As the database shows it.
  bool text = false;      ///< Takes text.
  bool bytes = false;     ///< Takes bytes that are no text.
  int integer_bits = 0;   ///< Takes whole numbers of so many bits; 0 = none.
  bool writable = true;   ///< False: the database computes it.
  bool required = false;  ///< Not null, and without a default.
};

/// Whether a column of that name takes a part of the record itself.
[[nodiscard]] bool IsRecordColumn(std::string_view name);

/// What a record's value is taken for.
enum class Values {
  kPlain,  ///< One value.
  kJson,   ///< A JSON object whose members fill the columns of their names as well.
};

/// What is done with each record.
struct RowShape {
  Values values = Values::kPlain;
  std::set<std::string, std::less<>> members;  ///< JSON members that have a column.
};

/// Checks that the columns of `table` can take records. `ConfigInvalid` names every column that is
/// missing or of another type, and shows `example`, the statement that makes a table that fits.
[[nodiscard]] Result<RowShape> CheckShape(const std::string& table,
                                          const std::vector<Column>& columns,
                                          Values values,
                                          const std::string& example);

/// A value for each column that gets one. What is no text is binary, headers are a list. Members
/// are ordered by name, so that rows with the same columns have them in the same order.
using Row = nlohmann::json;

/// `Corrupt` where the value is to be a JSON object and is none.
[[nodiscard]] Result<Row> RowOf(const Record& record, const RowShape& shape);

/// Deeper JSON is refused: it is written as text by recursion.
inline constexpr int kDeepest = 100;
struct Parsed {
  nlohmann::json json;  ///< Discarded where it is no JSON, or too deep.
  bool too_deep = false;
};
[[nodiscard]] Parsed ParseBounded(std::string_view text);

/// `orders:0 offset 5`, for messages.
[[nodiscard]] std::string PlaceOf(const Record& record);

}  // namespace offsetstore::cli
