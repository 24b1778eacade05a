// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "formats/fields.h"
#include "formats/json_rows.h"
#include "formats/readers.h"

namespace offsetstore::migration {
namespace {

std::string_view FirstLine(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// `{` or `[`, and then what can follow it in JSON but hardly in a name.
bool StartsJson(std::string_view text, char open) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos || text[at] != open) return false;
  const std::size_t then = text.find_first_not_of(" \t\r\n", at + 1);
  if (then == std::string_view::npos) return true;
  return open == '{' ? text[then] == '"' || text[then] == '}'
                     : text[then] == '{' || text[then] == ']';
}

bool IsOurs(std::string_view text) {
  constexpr std::size_t kHeader = 128;
  const Result<Json> json = ParseJson(FirstLine(text));
  // Spread over several lines, or cut: its reader says what is wrong.
  if (!json) return text.substr(0, kHeader).find(kPositionsFormat) != std::string_view::npos;
  const Result<std::string> format = TakeText(*json, "format");
  return format && *format == kPositionsFormat;
}

/// Also where a field is wrong: its reader says what.
bool IsCsv(std::string_view line) {
  std::size_t fields = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++fields;
  }
  return fields == 3 || fields == 4;
}

bool IsRpk(std::string_view line) {
  const std::vector<std::string> fields = SplitBlanks(line);
  return fields.size() == 3 && (PartitionOf(std::string_view(fields[1])) || IsRpkHeader(fields));
}

bool IsZk(std::string_view line) {
  return line.starts_with('/') && line.find("/consumers/") != std::string_view::npos &&
         line.find(':') != std::string_view::npos;
}

}  // namespace

Result<Format> Detect(const Source& source) {
  const std::string_view text = source.Peek();
  const std::string_view line = FirstLine(text);
  if (StartsJson(text, '{')) return IsOurs(text) ? Format::kJson : Format::kYelp;
  if (StartsJson(text, '[')) return Format::kKcl;
  std::vector<Format> can;
  if (IsZk(line)) can.push_back(Format::kZk);
  if (IsCsv(line)) can.push_back(Format::kKafkaCsv);
  if (IsRpk(line)) can.push_back(Format::kRpk);
  if (can.size() == 1) return can.front();
  return source.Bad(1,
                    "it cannot be told which format this is: say it (import: --from FORMAT): "
                    "json, kafka-csv, zk, yelp-json, rpk or kcl-json");
}

}  // namespace offsetstore::migration
