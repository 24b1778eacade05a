// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "transaction.h"

#include <optional>
#include <string>
#include <utility>

namespace offsetstore::zookeeper {
namespace {

Step Write(std::string path, std::string data, const std::optional<std::int32_t>& version) {
  const Step::Kind kind = version ? Step::Kind::kSet : Step::Kind::kCreate;
  return {.kind = kind,
          .path = std::move(path),
          .data = std::move(data),
          .version = version.value_or(0)};
}

LeafMark MarkAfter(const PartitionState& before, LeafRule rule) {
  switch (rule) {
    case LeafRule::kMove:
      return LeafTogether{};
    case LeafRule::kRemove:
      return LeafAbsent{};
    case LeafRule::kKeep:
      return before.mark;
    case LeafRule::kAdopt:
      break;
  }
  if (!before.leaf_version) return LeafAbsent{};
  return LeafAt{before.leaf_zxid};
}

Step Check(std::string path, std::int32_t version) {
  return {.kind = Step::Kind::kCheck, .path = std::move(path), .data = {}, .version = version};
}

// A node that was deleted and made anew begins at version 0 again, so by its version alone it may
// pass for the old one. Its child, named at random when it was made, does not. After the step on
// the node itself, so that a node that is not there is told by that step.
Step Incarnate(const PartitionState& before,
               const Nonce& fresh,
               const GroupPaths& paths,
               const TopicPartition& at) {
  constexpr std::int32_t kAnyVersion = -1;
  if (before.incarnation) return Check(paths.Incarnation(at, *before.incarnation), kAnyVersion);
  return Write(paths.Incarnation(at, fresh), {}, {});
}

std::int32_t NextVersion(const std::optional<std::int32_t>& version) {
  return version ? *version + 1 : 0;
}

}  // namespace

std::vector<Step> StepsTo(const internal::Record& next,
                          const PartitionState& before,
                          const Nonce& fresh,
                          LeafRule rule,
                          const GroupPaths& paths,
                          const TopicPartition& at) {
  OwnNode own = ToOwnNode(next, MarkAfter(before, rule));
  own.incarnation = before.incarnation.value_or(fresh);
  if (rule == LeafRule::kKeep) own.position = before.written;
  std::vector<Step> steps;
  steps.reserve(kStepsEach);
  steps.push_back(Write(paths.OwnNode(at), ToText(own), before.own_version));
  steps.push_back(Incarnate(before, fresh, paths, at));
  if (rule == LeafRule::kMove) {
    steps.push_back(
        Write(paths.Leaf(at), std::to_string(next.entry->position.value()), before.leaf_version));
    return steps;
  }
  if (rule == LeafRule::kKeep || !before.leaf_version) return steps;
  steps.push_back({.kind = rule == LeafRule::kAdopt ? Step::Kind::kCheck : Step::Kind::kDelete,
                   .path = paths.Leaf(at),
                   .data = {},
                   .version = *before.leaf_version});
  return steps;
}

std::vector<Step> StepsToCheck(const PartitionState& before,
                               const GroupPaths& paths,
                               const TopicPartition& at) {
  std::vector<Step> steps;
  if (before.own_version) {
    steps.push_back(Check(paths.OwnNode(at), *before.own_version));
    if (before.incarnation) steps.push_back(Incarnate(before, {}, paths, at));
  } else if (before.leaf_version) {
    steps.push_back(Check(paths.Leaf(at), *before.leaf_version));
  }
  return steps;
}

PartitionState StateAfter(internal::Record next,
                          const PartitionState& before,
                          const Nonce& fresh,
                          LeafRule rule) {
  PartitionState after = before;
  after.own_version = NextVersion(before.own_version);
  after.incarnation = before.incarnation.value_or(fresh);
  if (rule == LeafRule::kMove) after.leaf_version = NextVersion(before.leaf_version);
  if (rule == LeafRule::kRemove) after.leaf_version.reset();
  after.outside = before.outside && rule == LeafRule::kKeep;
  after.record = std::move(next);
  return after;
}

std::size_t BytesOf(const std::vector<Step>& steps) {
  // The access list, the header of the step, and the lengths.
  constexpr std::size_t kEach = 96;
  std::size_t bytes = 0;
  for (const Step& step : steps) bytes += step.path.size() + step.data.size() + kEach;
  return bytes;
}

}  // namespace offsetstore::zookeeper
