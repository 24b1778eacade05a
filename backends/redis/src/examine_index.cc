// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine_index.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command.h"
#include "internal/macros.h"

namespace offsetstore::redis {
namespace {

// What one command asks for: few enough not to hold the server up.
constexpr std::size_t kSlice = 1000;
constexpr std::string_view kSliceText = "1000";
// A database may hold more than positions: what takes longer is left to another way.
constexpr int kMostScans = 2000;

// Both sides in one step, so that a commit in between tears nothing apart. A hash without `#` has
// claims and no position yet.
constexpr std::string_view kCompare = R"lua(
local count = redis.call('HGET', KEYS[1], '#')
local at = '[' .. ARGV[1]
local listed = #redis.call('ZRANGEBYLEX', KEYS[2], at, at) > 0
if listed and not count then return 'lost' end
if count and count ~= '0' and not listed then return 'unlisted' end
return 'fine'
)lua";

using Groups = std::set<std::string>;

Error AsError(const redisReply& reply, const Link& link) {
  return ReplyError(TextOf(reply), Risk::kNone, link.connection->endpoint());
}

/// The groups that have a hash.
Status AddHashes(Link& link, const KeyNames& names, Deadline deadline, Groups& groups) {
  std::string cursor = "0";
  for (int scans = 0; scans < kMostScans; ++scans) {
    OS_ASSIGN_OR_RETURN(
        const Reply reply,
        Ask(link, {"SCAN", cursor, "MATCH", names.HashPattern(), "COUNT", kSliceText}, deadline));
    const auto parts = ElementsOf(*reply);
    if (parts.size() != 2) return MakeError(ErrorCode::kInternal, "no answer of a SCAN");
    for (const redisReply* key : ElementsOf(*parts[1])) {
      if (auto group = names.GroupOf(TextOf(*key))) groups.insert(*std::move(group));
    }
    cursor = TextOf(*parts[0]);
    if (cursor == "0") return {};
  }
  return MakeError(ErrorCode::kDeadlineExceeded, "the database holds too many keys to look at all");
}

/// The groups of the index.
Status AddListed(Link& link, const KeyNames& names, Deadline deadline, Groups& groups) {
  std::string start = "-";
  for (;;) {
    OS_ASSIGN_OR_RETURN(
        const Reply reply,
        Ask(link, {"ZRANGEBYLEX", names.index(), start, "+", "LIMIT", "0", kSliceText}, deadline));
    const auto members = ElementsOf(*reply);
    for (const redisReply* member : members) groups.emplace(TextOf(*member));
    if (members.size() < kSlice) return {};
    start = '(' + std::string(TextOf(*members.back()));
  }
}

/// The groups of which the two do not agree.
struct Torn {
  std::vector<std::string> lost;      ///< In the index, without a hash.
  std::vector<std::string> unlisted;  ///< With a position, and not in the index.
};

Status CompareSome(Link& link,
                   const KeyNames& names,
                   std::span<const std::string> groups,
                   Deadline deadline,
                   Torn& torn) {
  std::vector<Command> commands;
  for (const std::string& group : groups) {
    commands.push_back({"EVAL", kCompare, "2", names.Hash(group), names.index(), group});
  }
  Replies got = link.connection->Run(commands, Risk::kNone, deadline);
  if (got.cut) return *std::move(got.cut);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const redisReply& reply = *got.replies[i];
    if (IsError(reply)) return AsError(reply, link);
    if (TextOf(reply) == "lost") torn.lost.push_back(groups[i]);
    if (TextOf(reply) == "unlisted") torn.unlisted.push_back(groups[i]);
  }
  return {};
}

std::string Named(const std::vector<std::string>& groups) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(groups.size(), kShown); ++i) {
    text += (i == 0 ? "'" : ", '") + Printable(groups[i]) + "'";
  }
  if (groups.size() > kShown) {
    text += " and " + std::to_string(groups.size() - kShown) + " more";
  }
  return text;
}

Finding IndexFinding(Grade grade, std::string detail, std::string advice) {
  return {"index", grade, std::move(detail), std::move(advice)};
}

Result<Torn> FindTorn(Link& link, const KeyNames& names, Deadline deadline) {
  Groups groups;
  OS_RETURN_IF_ERROR(AddHashes(link, names, deadline, groups));
  OS_RETURN_IF_ERROR(AddListed(link, names, deadline, groups));
  const std::vector<std::string> all(groups.begin(), groups.end());
  Torn torn;
  for (std::size_t first = 0; first < all.size(); first += kSlice) {
    const auto some = std::span(all).subspan(first, std::min(kSlice, all.size() - first));
    OS_RETURN_IF_ERROR(CompareSome(link, names, some, deadline, torn));
  }
  return torn;
}

}  // namespace

Finding ExamineIndex(Link& link, const KeyNames& names, Deadline deadline) {
  const Result<Torn> torn = FindTorn(link, names, deadline);
  if (!torn) {
    const Error& error = torn.error();
    if (error.code == ErrorCode::kCorrupt) {
      return IndexFinding(Grade::kFailed, error.message, "correct or remove that key");
    }
    return IndexFinding(Grade::kUnknown,
                        "the groups' index was not compared with their hashes: " + error.message,
                        error.code == ErrorCode::kPermissionDenied ? "give the user +scan" : "");
  }
  if (!torn->lost.empty()) {
    return IndexFinding(Grade::kFailed,
                        "the index " + names.index() + " lists what has no hash: " +
                            Named(torn->lost) + "; what was stored there reads as absent",
                        "bring the hash back from a copy, or take the group out with ZREM");
  }
  if (!torn->unlisted.empty()) {
    return IndexFinding(Grade::kFailed,
                        "the index " + names.index() + " lacks groups that have positions: " +
                            Named(torn->unlisted) + "; no list of groups shows them",
                        "ZADD " + names.index() + " 0 GROUP, for each");
  }
  return IndexFinding(Grade::kOk, "lists exactly the groups that have a hash", {});
}

}  // namespace offsetstore::redis
