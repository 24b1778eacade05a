// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "formats/document.h"
#include "formats/fields.h"
#include "formats/readers.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

std::string Quoted(const std::string& name) {
  return "'" + Printable(name) + "'";
}

/// `{"groupid": "g", "offsets": {"topic": {"0": 7}}}`. The group may stand behind its offsets:
/// then they wait for it.
class YelpDocument final : public Document {
 public:
  YelpDocument(Source& source, const TakeRow& take) : Document(source), take_(take) {}

  Status Finish() {
    if (!group_) return source().BadFile("its member \"groupid\" is missing");
    if (!offsets_) return source().BadFile("its member \"offsets\" is missing");
    for (Row& row : waiting_) {
      row.group = *group_;
      OS_RETURN_IF_ERROR(take_(std::move(row)));
    }
    return {};
  }
  [[nodiscard]] std::uint64_t zeros() const noexcept { return zeros_; }

 private:
  Status OnNumber(std::int64_t number) override {
    if (levels().size() != 3) return NotExpected("the number " + std::to_string(number));
    Row row;
    row.read.at.topic = levels()[1].key;
    OS_RETURN_IF_ERROR(CheckTopic(row.read.at.topic));
    OS_ASSIGN_OR_RETURN(row.read.at.partition, PartitionOf(std::string_view(levels()[2].key)));
    OS_ASSIGN_OR_RETURN(row.read.slot, OffsetOf(number));
    row.line = source().line();
    if (number == 0) ++zeros_;
    if (!group_) {
      waiting_.push_back(std::move(row));
      return {};
    }
    row.group = *group_;
    return take_(std::move(row));
  }

  Status OnText(const std::string& text) override {
    if (levels().size() != 1 || levels()[0].key != "groupid" || group_) {
      return NotExpected("the text " + Quoted(text));
    }
    group_ = text;
    return {};
  }

  Status OnBegin() override {
    if (levels().back().is_list) return NotExpected("a list");
    if (levels().size() > 3) return NotExpected("an object within the partitions of a topic");
    if (levels().size() != 2) return {};
    if (levels()[0].key != "offsets" || offsets_) {
      return NotExpected("the member " + Quoted(levels()[0].key));
    }
    offsets_ = true;
    return {};
  }

  Status OnEnd() override { return {}; }

  const TakeRow& take_;
  std::optional<std::string> group_;
  std::vector<Row> waiting_;
  std::uint64_t zeros_ = 0;
  bool offsets_ = false;
};

/// `[{"topic": "t", "partition": 0, "offset": 7}, ...]`.
class KclDocument final : public Document {
 public:
  KclDocument(Source& source, std::string group, const TakeRow& take)
      : Document(source), group_(std::move(group)), take_(take) {}

 private:
  Status OnNumber(std::int64_t number) override {
    const std::string& name = MemberName();
    std::optional<std::int64_t>* member = nullptr;
    if (name == "partition") member = &partition_;
    if (name == "offset") member = &offset_;
    if (member == nullptr) return NotExpected("the number " + std::to_string(number));
    if (*member) return NotExpected("a second " + Quoted(name));
    *member = number;
    return {};
  }

  Status OnText(const std::string& text) override {
    if (MemberName() != "topic" || topic_) return NotExpected("the text " + Quoted(text));
    topic_ = text;
    return {};
  }

  Status OnBegin() override {
    const std::size_t depth = levels().size();
    if (depth == 1 && levels()[0].is_list) return {};
    if (depth == 2 && !levels()[1].is_list) return {};
    return NotExpected(levels().back().is_list ? "a list" : "an object");
  }

  Status OnEnd() override {
    if (levels().size() != 2) return {};
    if (!topic_ || !partition_ || !offset_) {
      return MakeError(ErrorCode::kInvalidArgument,
                       R"(an element needs "topic", "partition" and "offset")");
    }
    Row row;
    row.group = group_;
    OS_RETURN_IF_ERROR(CheckTopic(*topic_));
    row.read.at.topic = *std::exchange(topic_, std::nullopt);
    OS_ASSIGN_OR_RETURN(row.read.at.partition,
                        PartitionOf(*std::exchange(partition_, std::nullopt)));
    OS_ASSIGN_OR_RETURN(row.read.slot, OffsetOf(*std::exchange(offset_, std::nullopt)));
    row.line = source().line();
    return take_(std::move(row));
  }

  [[nodiscard]] const std::string& MemberName() const {
    static const std::string kNone;
    return levels().size() == 2 ? levels()[1].key : kNone;
  }

  std::string group_;
  const TakeRow& take_;
  std::optional<std::string> topic_;
  std::optional<std::int64_t> partition_;
  std::optional<std::int64_t> offset_;
};

}  // namespace

Status ReadYelp(Source& source, const FormatOptions& options, const TakeRow& take, Notes& notes) {
  OS_RETURN_IF_ERROR(CheckNoGroup(source, options));
  YelpDocument document(source, take);
  OS_RETURN_IF_ERROR(document.Read());
  OS_RETURN_IF_ERROR(document.Finish());
  if (document.zeros() > 0) {
    notes.push_back(std::to_string(document.zeros()) +
                    " positions are 0, which kafka-consumer-manager also writes where nothing was "
                    "committed");
  }
  return {};
}

Status ReadKcl(Source& source, const FormatOptions& options, const TakeRow& take) {
  OS_ASSIGN_OR_RETURN(std::string group, GivenGroup(source, options));
  return KclDocument(source, std::move(group), take).Read();
}

}  // namespace offsetstore::migration
