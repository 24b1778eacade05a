// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/snapshot_store.h"

#include <algorithm>
#include <utility>

#include "internal/characters.h"
#include "internal/crc32.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::size_t kLongestName = std::size_t{1} << 20U;

Error OnlyRead() {
  return MakeError(ErrorCode::kUnsupported, "a file of positions can only be read");
}

Error Late() {
  return MakeError(ErrorCode::kDeadlineExceeded, "the deadline had passed before the call");
}

bool IsPlain(const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  return entry != nullptr && entry->topic_id.empty() && entry->cluster_id.empty() &&
         entry->metadata.empty() && entry->writer.empty();
}

/// FNV-1a, 64 bits: tells files apart, nothing more.
void Mix(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash = (hash ^ 0x100U) * 0x100000001b3U;
}

}  // namespace

SnapshotStore::SnapshotStore(std::string endpoint) {
  info_.scheme = "positions";
  info_.endpoint = std::move(endpoint);
  info_.capabilities.keeps_metadata = true;
  info_.capabilities.keeps_commit_time = true;
  info_.capabilities.lists_groups = true;
  info_.limits.names = NameDomain::kAny;
  info_.limits.topic_bytes = kLongestName;
  info_.limits.group_bytes = kLongestName;
  info_.limits.metadata_bytes = kLongestName;
  info_.durability = Durability::kProcess;
  info_.durability_note = "a file of positions, as it was read";
}

std::uint32_t SnapshotStore::NumberOf(const std::string& topic) {
  const auto next = static_cast<std::uint32_t>(topics_.size());
  const auto [at, inserted] = topic_numbers_.try_emplace(topic, next);
  if (inserted) topics_.push_back(topic);
  return at->second;
}

SnapshotStore::Kept SnapshotStore::Keep(Row& row) {
  Kept kept;
  kept.topic = NumberOf(row.read.at.topic);
  kept.partition = row.read.at.partition;
  if (const auto* entry = std::get_if<Entry>(&row.read.slot)) {
    kept.position = entry->position.value();
    if (entry->commit_time) kept.commit_time = entry->commit_time->time_since_epoch().count();
    if (entry->leader_epoch) kept.leader_epoch = *entry->leader_epoch;
  }
  if (!IsPlain(row.read.slot)) {
    kept.whole = static_cast<std::uint32_t>(whole_.size());
    whole_.push_back(std::move(row.read.slot));
  }
  return kept;
}

void SnapshotStore::Add(Row row) {
  Group& group = groups_[row.group];
  if (row.IsWholeGroup()) {
    if (const auto* error = std::get_if<Error>(&row.read.slot)) group.error = *error;
    return;
  }
  group.has_position = group.has_position || !std::holds_alternative<Absent>(row.read.slot);
  group.kept.push_back(Keep(row));
}

void SnapshotStore::Finish() {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (auto& [name, group] : groups_) {
    std::ranges::sort(group.kept, [this](const Kept& a, const Kept& b) {
      return a.topic == b.topic ? a.partition < b.partition : topics_[a.topic] < topics_[b.topic];
    });
    Mix(hash, name);
    for (const Kept& kept : group.kept) {
      Mix(hash, topics_[kept.topic]);
      Mix(hash, std::to_string(kept.partition) + ':' + std::to_string(kept.position));
    }
  }
  info_.store_id = "positions-";
  for (unsigned shift = 64; shift > 0; shift -= 4) {
    info_.store_id += internal::kHexDigits[(hash >> (shift - 4)) & 15U];
  }
}

bool SnapshotStore::Before(const Kept& kept, const TopicPartition& at) const {
  const int order = topics_[kept.topic].compare(at.topic);
  return order < 0 || (order == 0 && kept.partition < at.partition);
}

Read SnapshotStore::ReadOf(const Kept& kept) const {
  Read read;
  read.at = {topics_[kept.topic], kept.partition};
  if (kept.whole != kPlain) {
    read.slot = whole_[kept.whole];
    return read;
  }
  Entry entry;
  entry.position = Position(kept.position);
  if (kept.leader_epoch != kNoEpoch) entry.leader_epoch = kept.leader_epoch;
  if (kept.commit_time != kNone) entry.commit_time = Time(Duration(kept.commit_time));
  read.slot = std::move(entry);
  return read;
}

const SnapshotStore::Kept* SnapshotStore::Find(const Group& group, const TopicPartition& at) const {
  const auto found =
      std::ranges::partition_point(group.kept, [&](const Kept& kept) { return Before(kept, at); });
  const bool there = found != group.kept.end() && found->partition == at.partition &&
                     topics_[found->topic] == at.topic;
  return there ? &*found : nullptr;
}

Read SnapshotStore::ReadOf(const Group& group, const TopicPartition& at) const {
  if (const Kept* kept = Find(group, at)) return ReadOf(*kept);
  // Of a topic that could not be read as a whole nobody knows what is absent.
  const Kept* topic = Find(group, {at.topic, Row::kWhole});
  return topic == nullptr ? Read{at, Absent{}, {}} : Read{at, ReadOf(*topic).slot, {}};
}

Result<GroupPage> SnapshotStore::ListGroups(const PageRequest& request, Deadline deadline) {
  if (deadline.Passed()) return Late();
  GroupPage page;
  // A mark before the name: the empty name has a next page too.
  auto at = request.after.empty() ? groups_.begin()
                                  : groups_.upper_bound(std::string_view(request.after).substr(1));
  for (; at != groups_.end(); ++at) {
    if (!at->second.has_position && !at->second.error) continue;
    if (page.groups.size() == std::max<std::size_t>(request.limit, 1)) {
      page.last = false;
      page.next = '+' + page.groups.back();
      return page;
    }
    page.groups.push_back(at->first);
  }
  return page;
}

Answers<Read> SnapshotStore::Fetch(std::string_view name,
                                   const Selection& selection,
                                   Deadline deadline) {
  static const Group kNobody;
  if (deadline.Passed()) return Late();
  const auto found = groups_.find(name);
  const Group& group = found == groups_.end() ? kNobody : found->second;
  if (group.error) return *group.error;
  std::vector<Read> reads;
  for (const TopicPartition& at : selection.partitions) reads.push_back(ReadOf(group, at));
  if (!selection.partitions.empty()) return reads;
  for (const Kept& kept : group.kept) {
    const std::string& topic = topics_[kept.topic];
    const bool wanted = selection.topics.empty() || std::ranges::count(selection.topics, topic) > 0;
    if (wanted) reads.push_back(ReadOf(kept));
  }
  return reads;
}

Answers<ClaimAnswer> SnapshotStore::Claim(std::string_view /*group*/,
                                          std::span<const ClaimRequest> /*requests*/,
                                          const Owner& /*by*/,
                                          Deadline /*deadline*/) {
  return OnlyRead();
}

Answers<Outcome> SnapshotStore::Commit(std::string_view /*group*/,
                                       std::span<const Move> /*moves*/,
                                       const Owner& /*by*/,
                                       Atomicity /*atomicity*/,
                                       Deadline /*deadline*/) {
  return OnlyRead();
}

Answers<Outcome> SnapshotStore::Release(std::string_view /*group*/,
                                        std::span<const Claimed> /*claims*/,
                                        Deadline /*deadline*/) {
  return OnlyRead();
}

Answers<Outcome> SnapshotStore::Remove(std::string_view /*group*/,
                                       std::span<const Removal> /*removals*/,
                                       const Owner& /*by*/,
                                       Deadline /*deadline*/) {
  return OnlyRead();
}

Status SnapshotStore::Close(Deadline /*deadline*/) {
  return {};
}

}  // namespace offsetstore::migration
