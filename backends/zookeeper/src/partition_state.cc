// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "partition_state.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <variant>

#include "leaf.h"
#include "offsetstore/backends/zookeeper.h"

namespace offsetstore::zookeeper {
namespace {

// Resolves "in the same transaction": then both nodes carry one zxid.
LeafMark Resolved(const LeafMark& mark, std::int64_t own_zxid) {
  return std::holds_alternative<LeafTogether>(mark) ? LeafMark(LeafAt{own_zxid}) : mark;
}

bool IsEmpty(const std::optional<Node>& leaf) {
  return !leaf || !leaf->data || leaf->data->empty();
}

// An empty leaf is as good as none: some readers make one.
bool IsAsMarked(const LeafMark& mark, const std::optional<Node>& leaf) {
  if (std::holds_alternative<LeafAbsent>(mark)) return IsEmpty(leaf);
  return leaf && mark == LeafMark(LeafAt{leaf->zxid});
}

Entry ToEntry(Position position, const Node& leaf) {
  Entry entry;
  entry.position = position;
  entry.commit_time = Time(std::chrono::milliseconds(leaf.mtime));
  return entry;
}

void FillFromOwn(OwnNode own, bool outside, Entry& entry) {
  entry.topic_id = std::move(own.topic_id);
  entry.cluster_id = std::move(own.cluster_id);
  if (outside) {
    entry.writer = kZooKeeperOutsideWriter;
    return;
  }
  entry.leader_epoch = own.leader_epoch;
  entry.metadata = std::move(own.metadata);
  entry.writer = std::move(own.writer);
}

void Refuse(PartitionState& state, Error error) {
  if (!state.unreadable) state.unreadable = std::move(error);
}

}  // namespace

PartitionState ToState(const NodePair& pair,
                       const std::string& own_path,
                       const std::string& leaf_path) {
  PartitionState state;
  std::optional<OwnNode> own;
  if (pair.own) {
    state.own_version = pair.own->version;
    Result<OwnNode> parsed = OwnNodeFromText(pair.own->data.value_or(""), own_path);
    if (!parsed) {
      Refuse(state, std::move(parsed).error());
    } else {
      own = *std::move(parsed);
    }
  }
  std::optional<Position> position;
  if (pair.leaf) {
    state.leaf_version = pair.leaf->version;
    state.leaf_zxid = pair.leaf->zxid;
    auto value = ReadLeaf(pair.leaf->data, leaf_path);
    if (auto* error = std::get_if<Error>(&value)) Refuse(state, std::move(*error));
    if (const auto* found = std::get_if<Position>(&value)) position = *found;
  }
  if (own) {
    state.mark = Resolved(own->leaf, pair.own->zxid);
    state.outside = !IsAsMarked(state.mark, pair.leaf);
    state.incarnation = own->incarnation;
    state.written = own->position;
    state.record.claim = own->claim;
    // A position that another program left on a removed partition is shown; the counter stays.
    state.record.removed = own->removed && !position;
  }
  if (position) {
    state.record.entry = ToEntry(*position, *pair.leaf);
    if (own) FillFromOwn(*std::move(own), state.outside, *state.record.entry);
  }
  return state;
}

OwnNode ToOwnNode(const internal::Record& record, LeafMark leaf) {
  OwnNode own;
  own.claim = record.claim;
  own.removed = record.removed;
  own.leaf = leaf;
  if (!record.entry) return own;
  own.position = record.entry->position;
  own.leader_epoch = record.entry->leader_epoch;
  own.topic_id = record.entry->topic_id;
  own.cluster_id = record.entry->cluster_id;
  own.writer = record.entry->writer;
  own.metadata = record.entry->metadata;
  return own;
}

}  // namespace offsetstore::zookeeper
