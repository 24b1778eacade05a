// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "leaf.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "names.h"
#include "offsetstore/units.h"

namespace offsetstore::zookeeper {
namespace {

constexpr std::size_t kMostShown = 60;
constexpr std::size_t kMostNamed = 5;

std::string Quoted(std::string_view data) {
  std::string shown = '\'' + Printable(data.substr(0, kMostShown)) + '\'';
  if (data.size() > kMostShown) shown += "... (" + std::to_string(data.size()) + " bytes)";
  return shown;
}

Error Bad(const std::string& path, std::string why) {
  return MakeError(ErrorCode::kCorrupt, "the node " + Printable(path) + ' ' + std::move(why))
      .With("path", path);
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return IsDigits(text);
}

// `0:123,1:456`, or with the topic before each.
bool IsCommaDialect(std::string_view data) {
  const std::string_view first = data.substr(0, data.find(','));
  const std::size_t last_colon = first.rfind(':');
  if (last_colon == std::string_view::npos || !IsNumber(first.substr(last_colon + 1))) return false;
  std::string_view partition = first.substr(0, last_colon);
  if (const std::size_t colon = partition.rfind(':'); colon != std::string_view::npos) {
    partition.remove_prefix(colon + 1);
  }
  return IsDigits(partition);
}

Error Negative(const std::string& path, std::string_view data) {
  if (data == "-1") {
    return Bad(path,
               "holds -1, by which some programs say that there is no position; delete the node or "
               "set a position");
  }
  return Bad(path, "holds the negative number " + Quoted(data) + "; set a position");
}

}  // namespace

std::variant<Absent, Position, Error> ReadLeaf(const std::optional<std::string>& data,
                                               const std::string& path) {
  if (!data || data->empty()) return Absent{};
  if (IsCommaDialect(*data)) {
    return Bad(path,
               "holds " + Quoted(*data) +
                   ", positions of several partitions in one node; this store does not read that");
  }
  const Result<std::int64_t> number =
      IsNumber(*data) ? ParseInteger(*data) : MakeError(ErrorCode::kCorrupt, "");
  if (!number) {
    return Bad(path, "holds " + Quoted(*data) + ", which is no whole number from 0 to 2^63-1");
  }
  if (data->front() == '-') return Negative(path, *data);
  return Position(*number);
}

std::optional<std::int32_t> PartitionOf07(std::string_view node) {
  const std::size_t dash = node.find('-');
  if (dash == std::string_view::npos || !IsDigits(node.substr(0, dash))) return std::nullopt;
  return PartitionOfNode(node.substr(dash + 1));
}

Error ForeignChildren(const std::vector<std::string>& names, const std::string& path) {
  std::string list;
  bool all_07 = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    all_07 = all_07 && PartitionOf07(names[i]).has_value();
    if (i < kMostNamed) list += (i == 0 ? "" : ", ") + Quoted(names[i]);
  }
  if (names.size() > kMostNamed)
    list += " and " + std::to_string(names.size() - kMostNamed) + " more";
  if (all_07) {
    return Bad(path,
               "has children of Kafka 0.7 (broker-partition: " + list +
                   "), which hold byte positions of its log files, not offsets");
  }
  return Bad(path, "has children that are no partitions: " + list);
}

std::optional<Error> TopicData(std::string_view data, const std::string& path) {
  if (!IsCommaDialect(data)) return std::nullopt;
  return Bad(path,
             "holds " + Quoted(data) +
                 ", positions of several partitions in the topic's node; this store does not read "
                 "that");
}

}  // namespace offsetstore::zookeeper
