// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/fields.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "internal/percent.h"
#include "offsetstore/units.h"

namespace offsetstore::migration {
namespace {

constexpr std::string_view kBlanks = " \t";

Error WrongField(std::string what) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(what));
}

bool HasBlanksAround(std::string_view text) {
  return !text.empty() && (kBlanks.find(text.front()) != std::string_view::npos ||
                           kBlanks.find(text.back()) != std::string_view::npos);
}

/// One field of `line` from `at` on, which is moved behind it.
Result<std::string> QuotedField(std::string_view line, std::size_t& at) {
  std::string field;
  for (++at; at < line.size(); ++at) {
    if (line[at] != '"') {
      field += line[at];
    } else if (at + 1 < line.size() && line[at + 1] == '"') {
      field += line[at++];
    } else {
      ++at;
      if (at < line.size() && line[at] != ',') {
        return WrongField("text follows a closing quote; a quote within a field is written twice");
      }
      return field;
    }
  }
  return WrongField("a quote is not closed on its line");
}

Result<std::string> PlainField(std::string_view line, std::size_t& at) {
  const std::size_t end = std::min(line.find(',', at), line.size());
  const std::string_view field = line.substr(at, end - at);
  at = end;
  if (HasBlanksAround(field)) {
    return WrongField("there are blanks around '" + Printable(field) +
                      "': take them out, or quote the field where they belong to a name");
  }
  return std::string(field);
}

/// `0-3` is broker and partition of Kafka 0.7, whose offsets are bytes of the log.
bool IsKafka07(std::string_view partition) {
  const std::size_t dash = partition.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == partition.size()) return false;
  return std::ranges::all_of(partition, [](char c) { return c == '-' || internal::IsDigit(c); });
}

std::string ZkName(std::string_view node) {
  std::optional<std::string> name = internal::PercentDecode(node);
  return name && ZkNode(*name) == node ? *std::move(name) : std::string(node);
}

Error NoSuchPath(std::string_view path) {
  return WrongField(
      "'" + Printable(path) +
      "' is not /consumers/GROUP/offsets/TOPIC/PARTITION; cut off a chroot before it");
}

}  // namespace

Result<std::int32_t> PartitionOf(std::int64_t number) {
  if (number >= 0 && number <= std::numeric_limits<std::int32_t>::max()) {
    return static_cast<std::int32_t>(number);
  }
  return WrongField("partition " + std::to_string(number) + " is not 0 to 2147483647");
}

Result<std::int32_t> PartitionOf(std::string_view text) {
  const Result<std::int64_t> number = ParseInteger(text);
  if (!number) return WrongField("partition: " + number.error().message);
  return PartitionOf(*number);
}

Result<Slot> OffsetOf(std::int64_t number) {
  if (Position::IsValid(number)) return Slot(Entry{Position(number), {}, "", "", "", {}, ""});
  if (number == -1) return Slot(Absent{});
  return WrongField("offset " + std::to_string(number) +
                    " is no position: 0 or more, or -1 where there is none");
}

Result<Slot> OffsetOf(std::string_view text) {
  const Result<std::int64_t> number = ParseInteger(text);
  if (!number) return WrongField("offset: " + number.error().message);
  return OffsetOf(*number);
}

Status CheckTopic(std::string_view topic) {
  if (topic.empty()) return WrongField("the topic is empty");
  return {};
}

Result<Row> RowOf(std::string group,
                  std::string topic,
                  std::string_view partition,
                  std::string_view offset) {
  Row row;
  row.group = std::move(group);
  OS_RETURN_IF_ERROR(CheckTopic(topic));
  row.read.at.topic = std::move(topic);
  OS_ASSIGN_OR_RETURN(row.read.at.partition, PartitionOf(partition));
  OS_ASSIGN_OR_RETURN(row.read.slot, OffsetOf(offset));
  return row;
}

Result<std::string> GivenGroup(const Source& source, const FormatOptions& options) {
  if (options.group) return *options.group;
  if (options.default_group) return *options.default_group;
  return source.BadFile("it names no group: say which one it is of (import: --file-group GROUP)");
}

Status CheckNoGroup(const Source& source, const FormatOptions& options) {
  if (!options.group) return {};
  return source.BadFile("it names its groups itself: leave out --file-group");
}

Result<std::vector<std::string>> SplitCsv(std::string_view line) {
  std::vector<std::string> fields;
  std::size_t at = 0;
  while (true) {
    const bool quoted = at < line.size() && line[at] == '"';
    OS_ASSIGN_OR_RETURN(std::string field, quoted ? QuotedField(line, at) : PlainField(line, at));
    fields.push_back(std::move(field));
    if (at >= line.size()) return fields;
    ++at;  // the comma
  }
}

std::vector<std::string> SplitBlanks(std::string_view line) {
  std::vector<std::string> fields;
  std::size_t at = line.find_first_not_of(kBlanks);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    fields.emplace_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return fields;
}

bool IsRpkHeader(const std::vector<std::string>& fields) {
  const std::vector<std::string> header = {"topic", "partition", "offset"};
  return std::ranges::equal(fields, header, [](const std::string& a, const std::string& b) {
    return std::ranges::equal(a, b, {}, internal::ToLower);
  });
}

Result<ZkParts> SplitZk(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) {
    return WrongField("'" + Printable(line) + "' is not PATH:OFFSET");
  }
  const std::string_view path = line.substr(0, colon);
  std::vector<std::string_view> nodes;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    nodes.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  if (nodes.size() != 6 || !nodes[0].empty() || nodes[1] != "consumers" || nodes[3] != "offsets" ||
      nodes[2].empty()) {
    return NoSuchPath(path);
  }
  if (IsKafka07(nodes[5])) {
    return WrongField("'" + Printable(nodes[5]) +
                      "' is broker and partition of Kafka 0.7, whose offsets count bytes: they "
                      "cannot be converted, take the line out");
  }
  return ZkParts{ZkName(nodes[2]),
                 ZkName(nodes[4]),
                 std::string(nodes[5]),
                 std::string(line.substr(colon + 1))};
}

bool IsOldKafkaName(std::string_view name) noexcept {
  if (name.empty() || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return internal::IsDigit(c) || (internal::ToLower(c) >= 'a' && internal::ToLower(c) <= 'z') ||
           c == '.' || c == '_' || c == '-';
  });
}

std::string ZkNode(const std::string& name) {
  return IsOldKafkaName(name) ? name : internal::PercentEncode(name);
}

}  // namespace offsetstore::migration
