// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "columns.h"
#include "line.h"

namespace offsetstore::internal {
namespace {

// The text up to the next line end, which is taken off `rest` too; none where there is no line end.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<Line> TakeWholeLine(std::string_view& rest) {
  const auto text = TakeLine(rest);
  const auto body = text ? Checked(*text) : std::nullopt;
  return body ? ParseLine(*body) : std::nullopt;
}

// Whether `line` is the one that must come after `batch`, the lines of its batch so far.
bool Follows(const LogState& state, const std::vector<Line>& batch, const Line& line) {
  const std::uint64_t number = state.last + batch.size() + 1;
  if (line.head.number != number || line.head.batch_end < number) return false;
  if (line.head.durable >= number && number > state.header.durable) return false;
  return batch.empty() || (line.head.batch_end == batch.front().head.batch_end &&
                           line.head.batch_tag == batch.front().head.batch_tag);
}

// The lines of the batch that `rest` starts with, which are taken off it; empty where it is not
// whole.
std::vector<Line> TakeBatch(const LogState& state, std::string_view& rest) {
  std::vector<Line> batch;
  for (;;) {
    auto line = TakeWholeLine(rest);
    if (!line || !Follows(state, batch, *line)) return {};
    batch.push_back(*std::move(line));
    if (batch.back().head.number == batch.back().head.batch_end) return batch;
  }
}

void AcceptBatch(LogState& state, std::vector<Line> batch) {
  for (Line& line : batch) {
    state.last = line.head.number;
    state.mark = std::max(state.mark, line.head.durable);
    ++state.lines;
    if (line.op == LineOp::kCut) ++state.cuts;
    if (line.op == LineOp::kPoison) state.poisoned = true;
    Apply(std::move(line), state.records);
  }
}

std::string Describe(std::uint64_t line, std::uint64_t number, std::uint64_t mark) {
  return "line " + std::to_string(line) + " is damaged: it should be number " +
         std::to_string(number) + ", and every number up to " + std::to_string(mark) +
         " was known to be on the disk";
}

}  // namespace

LogState StateAfter(FileHeader header, std::uint64_t header_bytes) {
  LogState state;
  state.last = header.first - 1;
  state.mark = header.durable;
  state.end = header_bytes;
  state.cuts = header.cuts;
  state.header = std::move(header);
  return state;
}

std::size_t Accept(LogState& state, std::string_view bytes) {
  const std::size_t all = bytes.size();
  for (;;) {
    std::string_view rest = bytes;
    std::vector<Line> batch = TakeBatch(state, rest);
    if (batch.empty()) break;
    AcceptBatch(state, std::move(batch));
    bytes = rest;
  }
  state.end += all - bytes.size();
  return all - bytes.size();
}

Tail Judge(const LogState& state, std::string_view rest) {
  Tail tail;
  tail.mark = state.mark;
  tail.line = state.lines + 2;
  std::uint64_t bad_number = state.last + 1;
  bool found_bad = false;
  bool not_understood = false;
  while (!rest.empty()) {
    const auto text = TakeLine(rest);
    if (!text) break;  // the file ends inside this line
    const auto body = Checked(*text);
    const auto line = body ? ParseLine(*body) : std::nullopt;
    if (line) tail.mark = std::max(tail.mark, line->head.durable);
    if (found_bad) continue;
    if (line && line->head.number == bad_number) {
      ++bad_number;
      ++tail.line;
      continue;
    }
    found_bad = true;
    not_understood = body && !line;
  }
  // A batch is made durable as a whole, so its first number decides.
  tail.corrupt = not_understood || tail.mark > state.last;
  tail.problem = not_understood
                     ? "line " + std::to_string(tail.line) + " is whole but not understood"
                     : Describe(tail.line, bad_number, tail.mark);
  return tail;
}

}  // namespace offsetstore::internal
