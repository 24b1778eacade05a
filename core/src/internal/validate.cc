// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/validate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore::internal {
namespace {

// The largest counter a store can hand out (`ClaimToken::counter`).
constexpr std::uint64_t kMaxCounter = static_cast<std::uint64_t>(Position::kMax);

std::string Quoted(std::string_view value) {
  constexpr std::size_t kMostShown = 80;
  std::string shown = '\'' + Printable(value.substr(0, kMostShown)) + '\'';
  if (value.size() > kMostShown) shown += "...";
  return shown;
}

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error Unsupported(const StoreInfo& info, std::string_view what) {
  return MakeError(ErrorCode::kUnsupported,
                   "a " + info.scheme + " store cannot " + std::string(what));
}

Status CheckText(const StoreInfo& info, std::string_view what, std::string_view name) {
  if (info.limits.names == NameDomain::kAny) return {};
  const char* why = nullptr;
  if (!IsUtf8(name)) why = " is not valid UTF-8";
  if (name.find('\0') != std::string_view::npos) why = " holds a zero byte";
  if (why == nullptr) return {};
  return Invalid(std::string(what) + ' ' + Quoted(name) + why + ", which a " + info.scheme +
                 " store cannot keep");
}

Status CheckLength(const StoreInfo& info,
                   std::string_view what,
                   std::string_view value,
                   std::size_t limit) {
  if (value.size() <= limit) return {};
  return Invalid(std::string(what) + ' ' + Quoted(value) + " is " + std::to_string(value.size()) +
                 " bytes long; a " + info.scheme + " store keeps at most " + std::to_string(limit));
}

bool IsKafkaTopic(std::string_view topic) {
  if (topic.empty() || topic == "." || topic == "..") return false;
  return std::all_of(topic.begin(), topic.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

Status CheckTopic(const StoreInfo& info, std::string_view topic) {
  if (info.limits.names == NameDomain::kKafkaTopic && !IsKafkaTopic(topic)) {
    return Invalid("topic " + Quoted(topic) + " is no name for a " + info.scheme +
                   " store: letters, digits, '.', '_' and '-' only, not empty, '.' or '..'");
  }
  OS_RETURN_IF_ERROR(CheckText(info, "topic", topic));
  return CheckLength(info, "topic", topic, info.limits.topic_bytes);
}

Status CheckPartition(const StoreInfo& info, const TopicPartition& at) {
  OS_RETURN_IF_ERROR(CheckTopic(info, at.topic));
  if (at.partition >= 0) return {};
  return Invalid("partition " + std::to_string(at.partition) + " of topic " + Quoted(at.topic) +
                 " is negative; a partition is 0 to 2147483647");
}

// Each partition of a call: within the store's domain, and only once.
template <class Request>
Status CheckPartitions(const StoreInfo& info,
                       std::span<const Request> requests,
                       const TopicPartition& (*partition_of)(const Request&)) {
  std::vector<const TopicPartition*> sorted;
  sorted.reserve(requests.size());
  for (const Request& request : requests) {
    OS_RETURN_IF_ERROR(CheckPartition(info, partition_of(request)));
    sorted.push_back(&partition_of(request));
  }
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return *a < *b; });
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return *a == *b; });
  if (twice == sorted.end()) return {};
  return Invalid("partition " + ToString(**twice) + " stands twice in one call");
}

template <class Request>
const TopicPartition& At(const Request& request) {
  return request.at;
}

Status CheckToken(const TopicPartition& at, const ClaimToken& token) {
  if (token.counter <= kMaxCounter) return {};
  return Invalid("the claim of " + ToString(at) + " has the counter " +
                 std::to_string(token.counter) + ", which no store hands out");
}

Status CheckExpect(const StoreInfo& info, const TopicPartition& at, const Expect& expect) {
  const auto* token = std::get_if<ClaimToken>(&expect);
  if (token == nullptr) return {};
  if (!info.capabilities.fenced_commits) return Unsupported(info, "compare claims");
  return CheckToken(at, *token);
}

Status CheckPosition(const TopicPartition& at, Position position) {
  if (Position::IsValid(position.value())) return {};
  return Invalid("position " + std::to_string(position.value()) + " of " + ToString(at) +
                 " is negative; a position is 0 to 9223372036854775807");
}

Status CheckFrom(const StoreInfo& info, const TopicPartition& at, const std::optional<From>& from) {
  if (!from) return {};
  if (!info.capabilities.conditional_commits) {
    return Unsupported(info, "compare the stored position within a write (`from`)");
  }
  const auto* position = std::get_if<Position>(&*from);
  return position == nullptr ? Status() : CheckPosition(at, *position);
}

Status CheckKind(const StoreInfo& info, const Move& move) {
  if (move.kind == Kind::kSet && move.claim) {
    return Invalid("the set of " + ToString(move.at) + " names a claim; a set is made without one");
  }
  if (move.kind == Kind::kRewind && !move.claim) {
    return Invalid("the rewind of " + ToString(move.at) +
                   " names no claim; without one only a set moves backwards");
  }
  if (move.kind != Kind::kSet && !std::holds_alternative<Any>(move.expect)) {
    return Invalid("the move of " + ToString(move.at) +
                   " expects a claim; only a set does, others name theirs");
  }
  if (!move.claim) return CheckExpect(info, move.at, move.expect);
  if (!info.capabilities.fenced_commits) return Unsupported(info, "commit under a claim");
  return CheckToken(move.at, *move.claim);
}

Status CheckMetadata(const StoreInfo& info, const Move& move) {
  if (move.metadata.empty()) return {};
  if (!info.capabilities.keeps_metadata) return Unsupported(info, "keep metadata");
  if (move.metadata.size() <= info.limits.metadata_bytes) return {};
  return Invalid("the metadata of " + ToString(move.at) + " is " +
                 std::to_string(move.metadata.size()) + " bytes long; a " + info.scheme +
                 " store keeps at most " + std::to_string(info.limits.metadata_bytes));
}

Status CheckMove(const StoreInfo& info, const Move& move) {
  OS_RETURN_IF_ERROR(CheckPosition(move.at, move.to));
  OS_RETURN_IF_ERROR(CheckKind(info, move));
  OS_RETURN_IF_ERROR(CheckFrom(info, move.at, move.from));
  if (move.leader_epoch && *move.leader_epoch < 0) {
    return Invalid("the leader epoch " + std::to_string(*move.leader_epoch) + " of " +
                   ToString(move.at) + " is negative; leave an unknown one out");
  }
  return CheckMetadata(info, move);
}

Status CheckBatch(const StoreInfo& info, std::size_t size) {
  if (!info.capabilities.atomic_batch) {
    return Unsupported(info, "commit several partitions as one (`Atomicity::kAll`)");
  }
  if (size <= info.limits.atomic_batch) return {};
  return Unsupported(info,
                     "commit " + std::to_string(size) + " partitions as one; at most " +
                         std::to_string(info.limits.atomic_batch));
}

}  // namespace

Status CheckGroup(const StoreInfo& info, std::string_view group) {
  OS_RETURN_IF_ERROR(CheckText(info, "group", group));
  return CheckLength(info, "group", group, info.limits.group_bytes);
}

Status CheckPage(const StoreInfo& info, const PageRequest& page) {
  if (!info.capabilities.lists_groups) return Unsupported(info, "list groups");
  if (page.limit > 0) return {};
  return Invalid("a page of 0 groups; ask for at least 1");
}

Status CheckSelection(const StoreInfo& info, const Selection& selection) {
  OS_RETURN_IF_ERROR(CheckPartitions<TopicPartition>(
      info, selection.partitions, [](const TopicPartition& at) -> const TopicPartition& {
        return at;
      }));
  std::vector<std::string_view> sorted;
  sorted.reserve(selection.topics.size());
  for (const std::string& topic : selection.topics) {
    OS_RETURN_IF_ERROR(CheckTopic(info, topic));
    sorted.emplace_back(topic);
  }
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice == sorted.end()) return {};
  return Invalid("topic " + Quoted(*twice) + " stands twice in one call");
}

Status CheckClaims(const StoreInfo& info, std::span<const ClaimRequest> requests) {
  if (!info.capabilities.fenced_commits) return Unsupported(info, "hand out claims");
  OS_RETURN_IF_ERROR(CheckPartitions(info, requests, &At<ClaimRequest>));
  for (const ClaimRequest& request : requests) {
    OS_RETURN_IF_ERROR(CheckExpect(info, request.at, request.expect));
  }
  return {};
}

Status CheckMoves(const StoreInfo& info, std::span<const Move> moves, Atomicity atomicity) {
  if (atomicity == Atomicity::kAll && !moves.empty()) {
    OS_RETURN_IF_ERROR(CheckBatch(info, moves.size()));
  }
  OS_RETURN_IF_ERROR(CheckPartitions(info, moves, &At<Move>));
  for (const Move& move : moves) OS_RETURN_IF_ERROR(CheckMove(info, move));
  return {};
}

Status CheckReleases(const StoreInfo& info, std::span<const Claimed> claims) {
  if (!info.capabilities.fenced_commits) return Unsupported(info, "hand out claims");
  OS_RETURN_IF_ERROR(CheckPartitions(info, claims, &At<Claimed>));
  for (const Claimed& claim : claims) OS_RETURN_IF_ERROR(CheckToken(claim.at, claim.token));
  return {};
}

Status CheckRemovals(const StoreInfo& info, std::span<const Removal> removals) {
  OS_RETURN_IF_ERROR(CheckPartitions(info, removals, &At<Removal>));
  for (const Removal& removal : removals) {
    OS_RETURN_IF_ERROR(CheckExpect(info, removal.at, removal.expect));
    OS_RETURN_IF_ERROR(CheckFrom(info, removal.at, removal.from));
  }
  return {};
}

}  // namespace offsetstore::internal
