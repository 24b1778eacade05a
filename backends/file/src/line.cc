// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "columns.h"

namespace offsetstore::internal {
namespace {

constexpr std::array<std::pair<LineOp, std::string_view>, 8> kOps{{
    {LineOp::kCommit, "commit"},
    {LineOp::kClaim, "claim"},
    {LineOp::kRelease, "release"},
    {LineOp::kSet, "set"},
    {LineOp::kRemove, "remove"},
    {LineOp::kKeep, "keep"},
    {LineOp::kCut, "cut"},
    {LineOp::kPoison, "poison"},
}};

std::string_view Name(LineOp op) noexcept {
  return kOps.at(static_cast<std::size_t>(op)).second;
}

void AppendHead(std::string& out, const LineHead& head, LineOp op) {
  AppendNumber(out, head.number);
  out += '\t';
  AppendNumber(out, head.durable);
  out += '\t';
  AppendNumber(out, head.batch_end);
  if (head.batch_tag != 0) {
    out += '.';
    AppendNumber(out, std::uint64_t{head.batch_tag});
  }
  out += '\t';
  out += Name(op);
}

void AppendText(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out += '\t';
  out += key;
  AppendEscaped(out, value);
}

template <class T>
void AppendValue(std::string& out, std::string_view key, T value) {
  out += '\t';
  out += key;
  AppendNumber(out, value);
}

void AppendTime(std::string& out, std::string_view key, Time time) {
  AppendValue(out, key, std::int64_t{time.time_since_epoch().count()});
}

void AppendPartition(std::string& out,
                     const TopicPartition& at,
                     const std::optional<Entry>& entry) {
  out += '\t';
  AppendEscaped(out, at.topic);
  AppendValue(out, "", std::int64_t{at.partition});
  if (entry) {
    AppendValue(out, "", entry->position.value());
  } else {
    out += "\t-";
  }
}

void AppendEntry(std::string& out, const Entry& entry) {
  if (entry.leader_epoch) AppendValue(out, "epoch=", std::int64_t{*entry.leader_epoch});
  AppendText(out, "topic-id=", entry.topic_id);
  AppendText(out, "cluster=", entry.cluster_id);
  AppendText(out, "metadata=", entry.metadata);
  if (entry.commit_time) AppendTime(out, "time=", *entry.commit_time);
  AppendText(out, "by=", entry.writer);
}

void AppendClaim(std::string& out, const ClaimView& claim, bool removed) {
  AppendValue(out, "claim=", claim.token.counter);
  AppendText(out, "nonce=", claim.token.nonce.Hex());
  const std::string_view free = claim.released ? "released" : "held";
  AppendText(out, "state=", removed ? "removed" : free);
  const Owner& owner = claim.owner;
  AppendText(out, "owner=", owner.kind == Owner::Kind::kMember ? "member" : "operator");
  AppendText(out, "name=", owner.name);
  AppendText(out, "host=", owner.host);
  if (owner.pid != 0) AppendValue(out, "pid=", owner.pid);
  AppendText(out, "process=", owner.process);
  AppendText(out, "member=", owner.member_id);
  AppendText(out, "owner-cluster=", owner.cluster_id);
  AppendTime(out, "since=", owner.since);
}

void AppendWhole(std::string& out,
                 const LineHead& head,
                 LineOp op,
                 const TopicPartition& at,
                 const Record& record) {
  const std::size_t from = out.size();
  AppendHead(out, head, op);
  AppendPartition(out, at, record.entry);
  if (record.entry) AppendEntry(out, *record.entry);
  if (record.claim) AppendClaim(out, *record.claim, record.removed);
  AppendChecksum(out, from);
}

// The shortest line that says the change exactly; whatever none of them fits is written whole.
LineOp OpOf(const Record& before, const Record& after) {
  if (after.removed) return LineOp::kRemove;
  if (after.entry && after.claim == before.claim) return LineOp::kCommit;
  if (!after.claim || after.entry != before.entry) return LineOp::kSet;
  if (!after.claim->released) return LineOp::kClaim;
  Record released = before;
  if (released.claim) released.claim->released = true;
  return released == after ? LineOp::kRelease : LineOp::kSet;
}

/// Fills a `Line` from its `key=value` columns.
class ValueReader {
 public:
  explicit ValueReader(Line& line) : line_(line) {}

  bool Read(std::string_view column) {
    const std::size_t equals = column.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = column.substr(0, equals);
    const std::string_view value = column.substr(equals + 1);
    return ReadEntry(key, value) || ReadClaim(key, value) || ReadOwner(key, value);
  }

 private:
  static bool Text(std::string& to, std::string_view value) {
    auto text = Unescaped(value);
    if (!text) return false;
    to = *std::move(text);
    return true;
  }

  template <class T, class To>
  static bool Number(To& to, std::string_view value) {
    const auto number = ToNumber<T>(value);
    if (number) to = *number;
    return number.has_value();
  }

  static bool Instant(std::optional<Time>& to, std::string_view value) {
    const auto number = ToNumber<std::int64_t>(value);
    if (number) to = Time(std::chrono::milliseconds(*number));
    return number.has_value();
  }

  bool ReadEntry(std::string_view key, std::string_view value) {
    if (!line_.entry) return false;
    Entry& entry = *line_.entry;
    if (key == "epoch") return Number<std::int32_t>(entry.leader_epoch, value);
    if (key == "topic-id") return Text(entry.topic_id, value);
    if (key == "cluster") return Text(entry.cluster_id, value);
    if (key == "metadata") return Text(entry.metadata, value);
    if (key == "time") return Instant(entry.commit_time, value);
    return key == "by" && Text(entry.writer, value);
  }

  bool ReadClaim(std::string_view key, std::string_view value) {
    if (key == "claim") return Number<std::uint64_t>(line_.claim.emplace().token.counter, value);
    if (!line_.claim) return false;
    ClaimView& claim = *line_.claim;
    if (key == "nonce") {
      const auto nonce = Nonce::FromHex(value);
      claim.token.nonce = nonce.value_or(Nonce{});
      return nonce.has_value();
    }
    if (key != "state") return false;
    line_.removed = value == "removed";
    claim.released = value != "held";
    return value == "held" || value == "released" || value == "removed";
  }

  bool ReadOwner(std::string_view key, std::string_view value) {
    if (!line_.claim) return false;
    Owner& owner = line_.claim->owner;
    if (key == "owner") {
      owner.kind = value == "member" ? Owner::Kind::kMember : Owner::Kind::kOperator;
      return value == "member" || value == "operator";
    }
    if (key == "name") return Text(owner.name, value);
    if (key == "host") return Text(owner.host, value);
    if (key == "pid") return Number<std::int64_t>(owner.pid, value);
    if (key == "process") return Text(owner.process, value);
    if (key == "member") return Text(owner.member_id, value);
    if (key == "owner-cluster") return Text(owner.cluster_id, value);
    std::optional<Time> since;
    if (key != "since" || !Instant(since, value)) return false;
    owner.since = *since;
    return true;
  }

  Line& line_;
};

bool ReadHead(ColumnReader& columns, LineHead& head) {
  const auto number = columns.Next();
  const auto durable = columns.Next();
  const auto batch = columns.Next();
  if (!batch) return false;
  const std::size_t dot = batch->find('.');
  const auto number_value = ToNumber<std::uint64_t>(*number);
  const auto durable_value = ToNumber<std::uint64_t>(*durable);
  const auto end_value = ToNumber<std::uint64_t>(batch->substr(0, dot));
  if (!number_value || !durable_value || !end_value) return false;
  head = {*number_value, *durable_value, *end_value, 0};
  if (dot == std::string_view::npos) return true;
  const auto tag = ToNumber<std::uint32_t>(batch->substr(dot + 1));
  head.batch_tag = tag.value_or(0);
  return tag.has_value();
}

std::optional<LineOp> ReadOp(ColumnReader& columns) {
  const auto name = columns.Next();
  if (!name) return std::nullopt;
  const auto* const found = std::find_if(
      kOps.begin(), kOps.end(), [&name](const auto& known) { return known.second == *name; });
  if (found == kOps.end()) return std::nullopt;
  return found->first;
}

bool ReadPartition(ColumnReader& columns, Line& line) {
  const auto topic = columns.Next();
  const auto partition = columns.Next();
  const auto position = columns.Next();
  if (!position) return false;
  auto name = Unescaped(*topic);
  const auto number = ToNumber<std::int32_t>(*partition);
  if (!name || !number || *number < 0) return false;
  line.at = {*std::move(name), *number};
  if (*position == "-") return true;
  const auto next = ToNumber<std::int64_t>(*position);
  if (!next || !Position::IsValid(*next)) return false;
  line.entry.emplace().position = Position(*next);
  return true;
}

// What a line of its kind must hold; the rest of the code relies on it.
bool IsComplete(const Line& line) {
  switch (line.op) {
    case LineOp::kCommit:
      return line.entry && !line.claim;
    case LineOp::kClaim:
    case LineOp::kRelease:
      return !line.entry && line.claim;
    case LineOp::kRemove:
      return !line.entry && line.claim && line.removed;
    default:
      return line.entry || line.claim;
  }
}

}  // namespace

void AppendChange(std::string& out,
                  const LineHead& head,
                  const TopicPartition& at,
                  const Record& before,
                  const Record& after) {
  const LineOp op = OpOf(before, after);
  if (op == LineOp::kCommit) {
    AppendWhole(out, head, op, at, Record{after.entry, std::nullopt, false});
  } else if (op == LineOp::kClaim || op == LineOp::kRelease) {
    AppendWhole(out, head, op, at, Record{std::nullopt, after.claim, false});
  } else {
    AppendWhole(out, head, op, at, after);
  }
}

void AppendKeep(std::string& out,
                const LineHead& head,
                const TopicPartition& at,
                const Record& record) {
  AppendWhole(out, head, LineOp::kKeep, at, record);
}

void AppendCut(std::string& out, const LineHead& head, std::uint64_t bytes) {
  const std::size_t from = out.size();
  AppendHead(out, head, LineOp::kCut);
  AppendValue(out, "", bytes);
  AppendChecksum(out, from);
}

void AppendPoison(std::string& out, const LineHead& head) {
  const std::size_t from = out.size();
  AppendHead(out, head, LineOp::kPoison);
  AppendChecksum(out, from);
}

std::optional<Line> ParseLine(std::string_view body) {
  ColumnReader columns(body);
  Line line;
  if (!ReadHead(columns, line.head)) return std::nullopt;
  const auto op = ReadOp(columns);
  if (!op) return std::nullopt;
  line.op = *op;
  if (line.op == LineOp::kPoison) return line;
  if (line.op == LineOp::kCut) {
    const auto bytes = ToNumber<std::uint64_t>(columns.Next().value_or(""));
    if (!bytes) return std::nullopt;
    line.cut_bytes = *bytes;
    return line;
  }
  if (!ReadPartition(columns, line)) return std::nullopt;
  ValueReader values(line);
  while (const auto column = columns.Next()) {
    if (!values.Read(*column)) return std::nullopt;
  }
  if (!IsComplete(line)) return std::nullopt;
  return line;
}

void Apply(Line&& line, RecordMap& records) {
  if (line.op == LineOp::kCut || line.op == LineOp::kPoison) return;
  Record& record = records[std::move(line.at)];
  switch (line.op) {
    case LineOp::kCommit:
      record.entry = std::move(line.entry);
      record.removed = false;
      return;
    case LineOp::kClaim:
    case LineOp::kRelease:
      record.claim = std::move(line.claim);
      record.removed = false;
      return;
    default:
      record = {std::move(line.entry), std::move(line.claim), line.removed};
  }
}

}  // namespace offsetstore::internal
