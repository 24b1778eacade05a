// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <vector>

#include "offsetstore/error.h"

namespace offsetstore::cli {
namespace {

constexpr std::size_t kAlwaysShown = 4;
constexpr std::string_view kBetween = "  ";
constexpr std::string_view kBelow = "    ";

std::string TableCell(const Json& value) {
  return value.is_null() ? std::string("-") : Printable(PlainText(value));
}

/// Columns on a terminal: one per code point.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string Spaced(std::string column) {
  std::replace(column.begin(), column.end(), '_', ' ');
  return column;
}

std::string Title(const std::string& column) {
  std::string title = Spaced(column);
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return title;
}

struct Shown {
  std::string name;
  std::vector<std::string> cells;
  std::size_t width = 0;
  bool right = true;  ///< Numbers only.
};

Shown MakeColumn(const Report& report, const std::string& column) {
  Shown shown{column, {}, Width(column), true};
  for (const Json& row : report.rows) {
    const Json& value = ValueOf(row, column);
    shown.right = shown.right && (value.is_number() || value.is_null());
    shown.cells.push_back(TableCell(value));
    shown.width = std::max(shown.width, Width(shown.cells.back()));
  }
  return shown;
}

bool IsEmpty(const Report& report, const std::string& column) {
  return std::all_of(report.rows.begin(), report.rows.end(), [&](const Json& row) {
    return ValueOf(row, column).is_null();
  });
}

std::vector<Shown> MakeColumns(const Report& report) {
  std::vector<Shown> columns;
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    if (i >= kAlwaysShown && IsEmpty(report, report.columns[i])) continue;
    if (report.columns[i] == report.below) continue;
    columns.push_back(MakeColumn(report, report.columns[i]));
  }
  return columns;
}

/// Takes the columns away that do not fit.
std::vector<Shown> TakeTooWide(std::vector<Shown>& columns, const Screen& screen) {
  std::size_t width = 0;
  std::size_t fit = 0;
  for (; fit < columns.size(); ++fit) {
    width += columns[fit].width + (fit == 0 ? 0 : kBetween.size());
    if (screen.columns > 0 && fit >= kAlwaysShown && width > screen.columns) break;
  }
  const auto first = columns.begin() + static_cast<std::ptrdiff_t>(fit);
  std::vector<Shown> below(std::make_move_iterator(first), std::make_move_iterator(columns.end()));
  columns.erase(first, columns.end());
  return below;
}

void Append(std::string& line, const Shown& column, const std::string& cell) {
  if (!line.empty()) line += kBetween;
  const std::string padding(column.width - Width(cell), ' ');
  line += column.right ? padding + cell : cell + padding;
}

void AppendLine(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

/// As many to a line as fit.
void AppendBelow(std::string& out,
                 const std::vector<Shown>& below,
                 const Report& report,
                 std::size_t row,
                 const Screen& screen) {
  std::string line;
  for (const Shown& column : below) {
    if (ValueOf(report.rows[row], column.name).is_null()) continue;
    const std::string part = Spaced(column.name) + ' ' + column.cells[row];
    if (!line.empty() && Width(line) + Width(part) + 2 > screen.columns) {
      AppendLine(out, line + ",");
      line.clear();
    }
    line += (line.empty() ? std::string(kBelow) : ", ") + part;
  }
  if (!line.empty()) AppendLine(out, std::move(line));
}

}  // namespace

std::string RenderTable(const Report& report, const Screen& screen) {
  std::vector<Shown> columns = MakeColumns(report);
  const std::vector<Shown> below = TakeTooWide(columns, screen);
  std::string header;
  for (const Shown& column : columns) Append(header, column, Title(column.name));
  std::string out;
  AppendLine(out, header);
  if (screen.colour) out = "\033[1m" + out.substr(0, out.size() - 1) + "\033[0m\n";
  for (std::size_t row = 0; row < report.rows.size(); ++row) {
    std::string line;
    for (const Shown& column : columns) Append(line, column, column.cells[row]);
    AppendLine(out, std::move(line));
    AppendBelow(out, below, report, row, screen);
    const Json& sentence = ValueOf(report.rows[row], report.below);
    if (!sentence.is_null()) AppendLine(out, std::string(kBelow) + Printable(PlainText(sentence)));
  }
  return out;
}

std::string FirstLines(const std::string& text, std::size_t rows) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // Behind the last line the cursor needs a row.
  if (rows == 0 || lines < rows) return text;
  const std::size_t shown = rows < 3 ? 0 : rows - 2;
  std::size_t end = 0;
  for (std::size_t line = 0; line < shown; ++line) end = text.find('\n', end) + 1;
  return text.substr(0, end) + "... " + std::to_string(lines - shown) +
         " more lines; a larger terminal, or get, shows them\n";
}

}  // namespace offsetstore::cli
