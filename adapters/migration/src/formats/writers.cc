// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "formats/fields.h"
#include "formats/json_rows.h"
#include "internal/macros.h"
#include "internal/utf8.h"
#include "offsetstore/migration/formats.h"

namespace offsetstore::migration {
namespace {

/// Hands on large pieces.
class Output {
 public:
  explicit Output(Sink sink) : sink_(std::move(sink)) {}

  Status Add(std::string_view text) {
    pending_ += text;
    return pending_.size() < kPiece ? Status() : Flush();
  }
  Status Flush() {
    if (pending_.empty()) return {};
    OS_RETURN_IF_ERROR(sink_(pending_));
    pending_.clear();
    return {};
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16U;
  Sink sink_;
  std::string pending_;
};

std::string NameOfRow(const Row& row) {
  if (row.IsWholeGroup()) return "group '" + Printable(row.group) + "'";
  return ToString(row.read.at) + " of group '" + Printable(row.group) + "'";
}

/// What is lost where only the number of the position can be written.
void CountDetails(const Row& row, const Entry& entry, Losses& losses) {
  ++losses.written;
  if (!entry.metadata.empty()) ++losses.metadata;
  if (entry.leader_epoch) ++losses.leader_epoch;
  if (row.read.claim && !row.read.claim->released) ++losses.claims;
  if (!entry.topic_id.empty() || !entry.cluster_id.empty()) ++losses.ids;
}

/// The entry of a row that a format of plain positions can hold; null: it was counted as lost.
const Entry* PlainEntry(const Row& row, bool has_name, Losses& losses) {
  if (const auto* error = std::get_if<Error>(&row.read.slot)) {
    if (losses.unreadable++ == 0) {
      losses.an_unreadable = NameOfRow(row) + ": " + ToString(*error);
    }
    return nullptr;
  }
  const auto* entry = std::get_if<Entry>(&row.read.slot);
  if (entry == nullptr) {
    ++losses.absent;
    return nullptr;
  }
  if (!has_name) {
    if (losses.names++ == 0) losses.a_name = NameOfRow(row);
    return nullptr;
  }
  CountDetails(row, *entry, losses);
  return entry;
}

class JsonWriter final : public RowWriter {
 public:
  JsonWriter(const StoreInfo& from, Sink sink) : out_(std::move(sink)), header_(Line(from)) {}

  Status Add(const Row& row) override {
    OS_RETURN_IF_ERROR(Begin());
    if (const auto* error = std::get_if<Error>(&row.read.slot)) {
      if (lost().unreadable++ == 0) {
        lost().an_unreadable = NameOfRow(row) + ": " + ToString(*error);
      }
    }
    ++lost().written;
    return out_.Add(RowJson(row).dump() + '\n');
  }
  Status Finish() override {
    OS_RETURN_IF_ERROR(Begin());
    OS_RETURN_IF_ERROR(out_.Add(PositionsEnd(lost().written).dump() + '\n'));
    return out_.Flush();
  }

 private:
  static std::string Line(const StoreInfo& from) { return PositionsHeader(from).dump() + '\n'; }
  Status Begin() { return out_.Add(std::exchange(header_, {})); }

  Output out_;
  std::string header_;
};

/// UTF-16 units, as Java counts the length of a text.
std::size_t JavaLength(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) length += byte >= 0xF0U ? 2 : 1;
  }
  return length;
}

/// Quoted where Kafka's own tool quotes, byte for byte: its library (jackson-dataformat-csv) asks
/// no more than whether a text is longer than 24 or has a character below `-`.
std::string CsvField(const std::string& text) {
  constexpr std::size_t kLongestUnquoted = 24;
  const bool plain = JavaLength(text) <= kLongestUnquoted && std::ranges::all_of(text, [](char c) {
                       return static_cast<unsigned char>(c) >= static_cast<unsigned char>('-');
                     });
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

/// Kafka's tool writes three columns where one group was asked for, four for several, so the rows
/// of the first group wait until another one comes.
class KafkaCsvWriter final : public RowWriter {
 public:
  explicit KafkaCsvWriter(Sink sink) : out_(std::move(sink)) {}

  Status Add(const Row& row) override {
    // Kafka reads line by line, as UTF-8; nobody reads a line without a topic.
    const std::string& topic = row.read.at.topic;
    const bool has_name = CanStand(row.group) && CanStand(topic) && !topic.empty();
    const Entry* entry = PlainEntry(row, has_name, lost());
    if (entry == nullptr) return {};
    std::string rest = CsvField(topic) + ',' + std::to_string(row.read.at.partition) + ',' +
                       std::to_string(entry->position.value()) + '\n';
    if (!group_) group_ = row.group;
    if (!several_ && row.group != *group_) OS_RETURN_IF_ERROR(BecomeSeveral());
    if (several_) return out_.Add(CsvField(row.group) + ',' + rest);
    waiting_.push_back(std::move(rest));
    return {};
  }

  Status Finish() override {
    for (const std::string& rest : waiting_) OS_RETURN_IF_ERROR(out_.Add(rest));
    return out_.Flush();
  }

 private:
  static bool CanStand(const std::string& name) {
    return internal::IsUtf8(name) && name.find('\n') == std::string::npos;
  }

  Status BecomeSeveral() {
    several_ = true;
    const std::string first = CsvField(*group_) + ',';
    for (const std::string& rest : waiting_) OS_RETURN_IF_ERROR(out_.Add(first + rest));
    waiting_ = {};
    return {};
  }

  Output out_;
  std::optional<std::string> group_;
  std::vector<std::string> waiting_;
  bool several_ = false;
};

class ZkWriter final : public RowWriter {
 public:
  explicit ZkWriter(Sink sink) : out_(std::move(sink)) {}

  Status Add(const Row& row) override {
    const Entry* entry = PlainEntry(row, true, lost());
    if (entry == nullptr) return {};
    if (!IsOldKafkaName(row.group) || !IsOldKafkaName(row.read.at.topic)) {
      if (lost().foreign++ == 0) lost().a_name = NameOfRow(row);
    }
    return out_.Add("/consumers/" + ZkNode(row.group) + "/offsets/" + ZkNode(row.read.at.topic) +
                    '/' + std::to_string(row.read.at.partition) + ':' +
                    std::to_string(entry->position.value()) + '\n');
  }
  Status Finish() override { return out_.Flush(); }

 private:
  Output out_;
};

std::string Count(std::uint64_t count, const std::string& of) {
  return std::to_string(count) + ' ' + of + (count == 1 ? "" : "s");
}

void ExplainDetails(const Losses& losses, const std::string& name, std::vector<std::string>& all) {
  std::string what;
  const auto add = [&](std::uint64_t count, const std::string& of) {
    if (count > 0) what += (what.empty() ? "" : ", ") + of + " of " + Count(count, "partition");
  };
  add(losses.metadata, "metadata");
  add(losses.leader_epoch, "leader epoch");
  add(losses.ids, "topic and cluster id");
  add(losses.claims, "held claim");
  if (what.empty()) return;
  all.push_back(name + " holds positions alone; not in it: " + what + " (json keeps them)");
}

}  // namespace

std::vector<std::string> Explain(const Losses& losses, Format format) {
  const std::string name(ToString(format));
  std::vector<std::string> all;
  if (losses.unreadable > 0) {
    all.push_back("could not be read and " +
                  std::string(format == Format::kJson ? "stand in the file as unreadable"
                                                      : "are not in the file") +
                  ": " + Count(losses.unreadable, "partition") +
                  " or whole groups; the first: " + losses.an_unreadable);
  }
  if (losses.names > 0) {
    all.push_back("left out: " + Count(losses.names, "partition") + ", since " + name +
                  " has no room for a name with a line end or one that is not UTF-8; the first: " +
                  losses.a_name);
  }
  if (losses.foreign > 0) {
    all.push_back(
        "written as our ZooKeeper store keeps them: " + Count(losses.foreign, "partition") +
        " whose names Kafka 0.8 does not take; the first: " + losses.a_name);
  }
  if (losses.absent > 0) {
    all.push_back("left out: " + Count(losses.absent, "partition") +
                  " without a position (a claim alone)");
  }
  ExplainDetails(losses, name, all);
  return all;
}

Result<std::unique_ptr<RowWriter>> MakeRowWriter(Format format, const StoreInfo& from, Sink sink) {
  using Writer = std::unique_ptr<RowWriter>;
  switch (format) {
    case Format::kJson:
      return Writer(std::make_unique<JsonWriter>(from, std::move(sink)));
    case Format::kKafkaCsv:
      return Writer(std::make_unique<KafkaCsvWriter>(std::move(sink)));
    case Format::kZk:
      return Writer(std::make_unique<ZkWriter>(std::move(sink)));
    case Format::kYelp:
    case Format::kRpk:
    case Format::kKcl:
      break;
  }
  return MakeError(ErrorCode::kUnsupported,
                   "positions are not written as " + std::string(ToString(format)) +
                       ": one of json, kafka-csv, zk");
}

}  // namespace offsetstore::migration
