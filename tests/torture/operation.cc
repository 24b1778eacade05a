// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "operation.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace offsetstore::testing {
namespace {

constexpr std::array<std::string_view, 8> kActs = {
    "claim", "polite-claim", "commit", "free-commit", "set", "remove", "release", "read"};
constexpr std::array<std::string_view, 4> kEnds = {"applied", "refused", "failed", "doubt"};

template <class Enum, std::size_t n>
Enum Parse(const std::array<std::string_view, n>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::runtime_error("history: unknown word " + name);
  return static_cast<Enum>(found - names.begin());
}

std::string Show(std::int64_t position) {
  if (position <= -kTags) return "removed by " + std::to_string(TagIn(position));
  return position == kAbsent ? "absent" : std::to_string(position);
}

using Open = std::map<std::pair<Tag, int>, std::size_t>;

void ParseBegin(std::istringstream& words, std::vector<Operation>& operations, Open& open) {
  Operation one;
  std::string act;
  words >> one.tag >> one.partition >> act >> one.counter >> one.from >> one.to >> one.start;
  if (!words) throw std::runtime_error("history: a begin that is no line of ours");
  one.act = Parse<Act>(kActs, act);
  open[{one.tag, one.partition}] = operations.size();
  operations.push_back(one);
}

void ParseEnd(std::istringstream& words, std::vector<Operation>& operations, const Open& open) {
  Tag tag = 0;
  int partition = 0;
  words >> tag >> partition;
  const auto found = open.find({tag, partition});
  if (!words || found == open.end()) throw std::runtime_error("history: an end without a begin");
  Operation& one = operations[found->second];
  std::string end;
  words >> end >> one.granted >> one.found >> one.seen >> one.seen_by >> one.seen_released >>
      one.ended;
  if (!words) throw std::runtime_error("history: an end that is no line of ours");
  one.end = Parse<Ending>(kEnds, end);
}

}  // namespace

std::string ToString(const Operation& operation) {
  std::string text = std::string(kActs.at(static_cast<std::size_t>(operation.act))) + ' ' +
                     std::to_string(operation.tag) + " of partition " +
                     std::to_string(operation.partition);
  if (operation.counter != 0) text += ", claim " + std::to_string(operation.counter);
  if (operation.granted != 0) text += ", granted " + std::to_string(operation.granted);
  if (operation.to != kUntold) text += ", " + Show(operation.from) + " to " + Show(operation.to);
  if (operation.found != kUntold) text += ", found " + Show(operation.found);
  if (operation.seen != 0) {
    text += ", saw claim " + std::to_string(operation.seen) + " of " +
            std::to_string(operation.seen_by);
  }
  return text + ", " + std::string(kEnds.at(static_cast<std::size_t>(operation.end)));
}

std::string BeginLines(std::span<const Operation> operations) {
  std::ostringstream out;
  for (const Operation& one : operations) {
    out << "begin " << one.tag << ' ' << one.partition << ' '
        << kActs.at(static_cast<std::size_t>(one.act)) << ' ' << one.counter << ' ' << one.from
        << ' ' << one.to << ' ' << one.start << '\n';
  }
  return out.str();
}

std::string EndLines(std::span<const Operation> operations) {
  std::ostringstream out;
  for (const Operation& one : operations) {
    out << "end " << one.tag << ' ' << one.partition << ' '
        << kEnds.at(static_cast<std::size_t>(one.end)) << ' ' << one.granted << ' ' << one.found
        << ' ' << one.seen << ' ' << one.seen_by << ' ' << one.seen_released << ' ' << one.ended
        << '\n';
  }
  return out.str();
}

std::vector<Operation> ParseHistory(const std::string& lines) {
  std::vector<Operation> operations;
  Open open;
  std::size_t at = 0;
  for (std::size_t end = 0; (end = lines.find('\n', at)) != std::string::npos; at = end + 1) {
    std::istringstream words(lines.substr(at, end - at));
    std::string kind;
    words >> kind;
    if (kind == "begin") {
      ParseBegin(words, operations, open);
    } else if (kind == "end") {
      ParseEnd(words, operations, open);
    } else {
      throw std::runtime_error("history: unknown word " + kind);
    }
  }
  return operations;
}

std::vector<Operation> ReadHistory(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("no history " + file.string());
  std::ostringstream lines;
  lines << in.rdbuf();
  return ParseHistory(lines.str());
}

}  // namespace offsetstore::testing
