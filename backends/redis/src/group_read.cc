// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_read.h"

#include <algorithm>
#include <cstddef>

#include "internal/macros.h"
#include "internal/rules.h"
#include "value.h"

namespace offsetstore::redis {
namespace {

// Fields of one command: enough to make a round trip cheap, few enough not to hold the server up.
constexpr std::size_t kReadSlice = 1000;

// A page ends at a group name, and no bytes at all are a name too. The mark keeps the place after
// the empty name apart from the start.
constexpr char kAfter = '>';

/// Runs reads of `key`, and reads the key of the store last: where that is still there, what was
/// read before it was the store's.
Result<std::vector<Reply>> Ask(Link& link,
                               const Layout& layout,
                               std::string_view key,
                               std::vector<Command> commands,
                               Deadline deadline) {
  commands.push_back(Command{"GET", layout.names.meta()});
  Replies got = link.connection->Run(commands, Risk::kNone, deadline);
  if (got.cut) return *std::move(got.cut);
  const std::string& endpoint = link.connection->endpoint();
  for (const Reply& reply : got.replies) {
    if (!IsError(*reply)) continue;
    return ReplyError(TextOf(*reply), Risk::kNone, endpoint).With("key", std::string(key));
  }
  if (TextOf(*got.replies.back()) != layout.mark) return StoreIsGone(layout, endpoint);
  got.replies.pop_back();
  return std::move(got.replies);
}

Error Unexpected(std::string_view key) {
  return MakeError(ErrorCode::kInternal, "the server's reply has another shape than the request")
      .With("key", std::string(key));
}

Read ToRead(TopicPartition at, std::string_view value, const std::string& key) {
  Result<internal::Record> record = ToRecord(value);
  if (record) return internal::ToRead(std::move(at), *std::move(record));
  Error error = std::move(record).error();
  error.With("key", key).With("field", FieldOf(at));
  return {.at = std::move(at), .slot = std::move(error), .claim = {}};
}

/// A field of a group's hash; no value: one that no release writes, under a partition that cannot
/// be, so that it hides no other.
struct Field {
  TopicPartition at;
  const redisReply* value = nullptr;
};

Read ToRead(Field field, const std::string& key) {
  if (field.value != nullptr) return ToRead(std::move(field.at), TextOf(*field.value), key);
  Error error =
      MakeError(ErrorCode::kCorrupt, "the hash holds a field that is no partition's; remove it");
  error.With("key", key).With("field", field.at.topic);
  return {.at = std::move(field.at), .slot = std::move(error), .claim = {}};
}

bool IsWanted(const TopicPartition& at, std::span<const std::string> topics) {
  return topics.empty() || std::find(topics.begin(), topics.end(), at.topic) != topics.end();
}

bool IsShown(const Read& read) {
  return read.claim || !std::holds_alternative<Absent>(read.slot);
}

/// The fields of a whole hash that hold partitions of `topics`, sorted. What is sorted is small:
/// reads are not.
std::vector<Field> FieldsOf(const redisReply& hash, std::span<const std::string> topics) {
  const auto elements = ElementsOf(hash);
  std::vector<Field> fields;
  fields.reserve(elements.size() / 2);
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2) {
    const std::string_view name = TextOf(*elements[i]);
    if (name == kCountField) continue;
    std::optional<TopicPartition> at = PartitionOf(name);
    if (!at && topics.empty()) fields.push_back({.at = {std::string(name), -1}, .value = nullptr});
    if (!at || !IsWanted(*at, topics)) continue;
    fields.push_back({.at = *std::move(at), .value = elements[i + 1]});
  }
  std::sort(
      fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.at < b.at; });
  return fields;
}

/// All that a group holds, or all of some topics, sorted.
Status ReadAll(Link& link,
               const Layout& layout,
               std::string_view group,
               std::span<const std::string> topics,
               Deadline deadline,
               std::vector<Read>& reads) {
  const std::string key = layout.names.Hash(group);
  OS_ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                      Ask(link, layout, key, {Command{"HGETALL", key}}, deadline));
  std::vector<Field> fields = FieldsOf(*replies.front(), topics);
  reads.reserve(reads.size() + fields.size());
  for (Field& field : fields) {
    Read read = ToRead(std::move(field), key);
    if (IsShown(read)) reads.push_back(std::move(read));
  }
  return {};
}

/// Whether a group of the index holds a position: its hash may have been dropped by hand.
bool HasPosition(const redisReply& count) {
  return IsError(count) || (IsText(count) && TextOf(count) != "0");
}

}  // namespace

Result<std::vector<Raw>> ReadFields(Link& link,
                                    const Layout& layout,
                                    std::string_view group,
                                    std::span<const TopicPartition> partitions,
                                    Deadline deadline) {
  const std::string key = layout.names.Hash(group);
  std::vector<Command> commands;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (i % kReadSlice == 0) commands.push_back(Command{"HMGET", key});
    commands.back().Add(FieldOf(partitions[i]));
  }
  OS_ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                      Ask(link, layout, key, std::move(commands), deadline));
  std::vector<Raw> values;
  values.reserve(partitions.size());
  for (const Reply& reply : replies) {
    for (const redisReply* element : ElementsOf(*reply)) {
      values.push_back(IsNil(*element) ? Raw() : Raw(TextOf(*element)));
    }
  }
  if (values.size() != partitions.size()) return Unexpected(key);
  return values;
}

Answers<Read> FetchGroup(Link& link,
                         const Layout& layout,
                         std::string_view group,
                         const Selection& selection,
                         Deadline deadline) {
  std::vector<Read> reads;
  if (!selection.partitions.empty()) {
    OS_ASSIGN_OR_RETURN(const std::vector<Raw> values,
                        ReadFields(link, layout, group, selection.partitions, deadline));
    const std::string key = layout.names.Hash(group);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const TopicPartition& at = selection.partitions[i];
      reads.push_back(values[i] ? ToRead(at, *values[i], key)
                                : Read{.at = at, .slot = Absent{}, .claim = {}});
    }
    if (selection.topics.empty()) return reads;
  }
  OS_RETURN_IF_ERROR(ReadAll(link, layout, group, selection.topics, deadline, reads));
  return reads;
}

Result<GroupPage> ListPage(Link& link,
                           const Layout& layout,
                           const PageRequest& page,
                           Deadline deadline) {
  const std::string& index = layout.names.index();
  const std::size_t limit = std::min(page.limit, kReadSlice);
  const std::string start = page.after.empty() ? "-" : '(' + page.after.substr(1);
  GroupPage answer;
  OS_ASSIGN_OR_RETURN(
      const std::vector<Reply> listed,
      Ask(link,
          layout,
          index,
          {Command{"ZRANGEBYLEX", index, start, "+", "LIMIT", "0", std::to_string(limit + 1)}},
          deadline));
  auto members = ElementsOf(*listed.front());
  answer.last = members.size() <= limit;
  members = members.first(std::min(members.size(), limit));
  if (members.empty()) return answer;
  std::vector<Command> counts;
  for (const redisReply* member : members) {
    counts.push_back(Command{"HGET", layout.names.Hash(TextOf(*member)), kCountField});
  }
  const Replies got = link.connection->Run(counts, Risk::kNone, deadline);
  if (got.cut) return *got.cut;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (HasPosition(*got.replies[i])) answer.groups.emplace_back(TextOf(*members[i]));
  }
  if (!answer.last) answer.next = kAfter + std::string(TextOf(*members.back()));
  return answer;
}

}  // namespace offsetstore::redis
