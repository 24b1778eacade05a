// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/compare.h"

#include <optional>
#include <utility>
#include <vector>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

using Names = std::map<std::string, std::string>;

const std::string& Renamed(const Names& names, const std::string& name) {
  const auto at = names.find(name);
  return at == names.end() ? name : at->second;
}

Result<Names> Inverted(const Names& names) {
  Names inverted;
  for (const auto& [from, to] : names) {
    const auto [at, first] = inverted.try_emplace(to, from);
    if (first) continue;
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(at->second) + "' and '" + Printable(from) +
                         "' would both become '" + Printable(to) + "'");
  }
  return inverted;
}

/// The name in A of what B calls `name`; none: A's bearer of that name is called otherwise in B.
std::optional<std::string> NameInA(const Names& names,
                                   const Names& inverted,
                                   const std::string& name) {
  if (const auto at = inverted.find(name); at != inverted.end()) return at->second;
  if (names.contains(name)) return std::nullopt;
  return name;
}

/// The groups of a store in order, one after the other.
class GroupCursor {
 public:
  GroupCursor(OffsetStore& store, Duration timeout) : store_(store), timeout_(timeout) {}

  /// Whether `group` is listed. Asked in ascending order.
  Result<bool> Has(const std::string& group) {
    while (true) {
      for (; next_ < page_.groups.size(); ++next_) {
        if (page_.groups[next_] >= group) return page_.groups[next_] == group;
      }
      if (begun_ && page_.last) return false;
      OS_ASSIGN_OR_RETURN(page_, store_.ListGroups(request_, Deadline::After(timeout_)));
      request_.after = page_.next;
      begun_ = true;
      next_ = 0;
    }
  }

 private:
  OffsetStore& store_;
  Duration timeout_;
  PageRequest request_;
  GroupPage page_;
  std::size_t next_ = 0;
  bool begun_ = false;
};

void Stand(ComparedPartition& compared) {
  const auto* a = std::get_if<Entry>(&compared.a);
  const auto* b = std::get_if<Entry>(&compared.b);
  if (std::holds_alternative<Error>(compared.a) || std::holds_alternative<Error>(compared.b)) {
    compared.standing = Standing::kUnreadable;
  } else if (b == nullptr) {
    compared.standing = Standing::kOnlyA;
  } else if (a == nullptr) {
    compared.standing = Standing::kOnlyB;
  } else if (a->position == b->position) {
    compared.standing = Standing::kEqual;
  } else {
    const bool ahead = a->position > b->position;
    const auto [more, less] = ahead ? std::pair(a, b) : std::pair(b, a);
    compared.standing = ahead ? Standing::kAAhead : Standing::kBAhead;
    compared.by = static_cast<std::uint64_t>(more->position.value() - less->position.value());
  }
}

std::uint64_t& CountOf(Differences& differences, Standing standing) {
  switch (standing) {
    case Standing::kEqual:
      return differences.equal;
    case Standing::kAAhead:
      return differences.a_ahead;
    case Standing::kBAhead:
      return differences.b_ahead;
    case Standing::kOnlyA:
      return differences.only_a;
    case Standing::kOnlyB:
      return differences.only_b;
    case Standing::kUnreadable:
      break;
  }
  return differences.unreadable;
}

class Comparison {
 public:
  Comparison(OffsetStore& a,
             OffsetStore& b,
             const CompareOptions& options,
             const std::function<Status(const ComparedPartition&)>& take)
      : a_(a), b_(b), options_(options), take_(take), a_groups_(a, options.timeout) {}

  Result<Differences> Run() {
    OS_ASSIGN_OR_RETURN(groups_in_a_, Inverted(options_.group_names));
    OS_ASSIGN_OR_RETURN(topics_in_a_, Inverted(options_.topic_names));
    OS_ASSIGN_OR_RETURN(
        found_.a_groups,
        ForEachGroup(a_, options_.groups, options_.timeout, [this](const std::string& group) {
          return Pair(group, Renamed(options_.group_names, group));
        }));
    OS_ASSIGN_OR_RETURN(found_.b_groups,
                        ForEachGroup(b_, {}, options_.timeout, [this](const std::string& group) {
                          return OnlyInB(group);
                        }));
    return found_;
  }

 private:
  Status OnlyInB(const std::string& group) {
    const auto name = NameInA(options_.group_names, groups_in_a_, group);
    if (!name || !options_.groups.Matches(*name)) return {};
    if (*name == group) {
      OS_ASSIGN_OR_RETURN(const bool there, a_groups_.Has(group));
      return there ? Status() : Pair(*name, group);
    }
    const Answers<Read> reads = a_.Fetch(*name, {}, Deadline::After(options_.timeout));
    // With a position, or unreadable: it was compared from A's side.
    if (!reads) return {};
    for (const Read& read : *reads) {
      if (!std::holds_alternative<Absent>(read.slot)) return {};
    }
    return Pair(*name, group);
  }

  Status Pair(const std::string& group, const std::string& other) {
    Answers<Read> a = a_.Fetch(group, {}, Deadline::After(options_.timeout));
    Answers<Read> b = b_.Fetch(other, {}, Deadline::After(options_.timeout));
    if (!a || !b) return Unreadable(group, other, a, b);
    std::map<TopicPartition, ComparedPartition> all;  // by A's names
    for (Read& read : *a) {
      if (!options_.topics.Matches(read.at.topic)) continue;
      all[read.at].a = std::move(read.slot);
    }
    for (Read& read : *b) {
      const auto topic = NameInA(options_.topic_names, topics_in_a_, read.at.topic);
      // Hidden behind a renamed topic: nothing of A is compared with it.
      if (!topic || !options_.topics.Matches(*topic)) continue;
      all[{*topic, read.at.partition}].b = std::move(read.slot);
    }
    for (auto& [at, compared] : all) {
      compared.at = at;
      compared.other_at = {Renamed(options_.topic_names, at.topic), at.partition};
      OS_RETURN_IF_ERROR(HandOn(group, other, compared));
    }
    return {};
  }

  Status Unreadable(const std::string& group,
                    const std::string& other,
                    const Answers<Read>& a,
                    const Answers<Read>& b) {
    ComparedPartition compared;
    compared.at.partition = compared.other_at.partition = -1;
    if (!a) compared.a = a.error();
    if (!b) compared.b = b.error();
    return HandOn(group, other, compared);
  }

  Status HandOn(const std::string& group, const std::string& other, ComparedPartition& compared) {
    // A claim without a position is none.
    if (std::holds_alternative<Absent>(compared.a) && std::holds_alternative<Absent>(compared.b)) {
      return {};
    }
    compared.group = group;
    compared.other_group = other;
    Stand(compared);
    ++CountOf(found_, compared.standing);
    return take_(compared);
  }

  OffsetStore& a_;
  OffsetStore& b_;
  const CompareOptions& options_;
  const std::function<Status(const ComparedPartition&)>& take_;
  GroupCursor a_groups_;
  Names groups_in_a_;
  Names topics_in_a_;
  Differences found_;
};

}  // namespace

std::string_view ToString(Standing standing) noexcept {
  switch (standing) {
    case Standing::kEqual:
      return "equal";
    case Standing::kAAhead:
      return "a ahead";
    case Standing::kBAhead:
      return "b ahead";
    case Standing::kOnlyA:
      return "only in a";
    case Standing::kOnlyB:
      return "only in b";
    case Standing::kUnreadable:
      break;
  }
  return "unreadable";
}

Result<Differences> Compare(OffsetStore& a,
                            OffsetStore& b,
                            const CompareOptions& options,
                            const std::function<Status(const ComparedPartition&)>& take) {
  return Comparison(a, b, options, take).Run();
}

bool IsSameStore(const StoreInfo& a, const StoreInfo& b) noexcept {
  return a.scheme == b.scheme && a.store_id == b.store_id && a.space == b.space &&
         a.endpoint == b.endpoint;
}

}  // namespace offsetstore::migration
