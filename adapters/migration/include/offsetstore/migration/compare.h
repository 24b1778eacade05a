// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/migration/selection.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// How the positions of one partition stand to each other.
enum class Standing : std::uint8_t {
  kEqual,
  kAAhead,
  kBAhead,
  kOnlyA,       ///< B has no position.
  kOnlyB,       ///< A has no position.
  kUnreadable,  ///< One side, or both, could not be read: nothing is known.
};
/// `equal`, `a ahead`, `b ahead`, `only in a`, `only in b`, `unreadable`.
[[nodiscard]] std::string_view ToString(Standing standing) noexcept;

struct ComparedPartition {
  std::string group;        ///< In A, or what it would be called there.
  std::string other_group;  ///< In B.
  TopicPartition at;        ///< In A; partition -1: the group as a whole could not be read.
  TopicPartition other_at;  ///< In B.
  Slot a;
  Slot b;
  Standing standing = Standing::kEqual;
  std::uint64_t by = 0;  ///< How far ahead: a distance in the log, not a count of records.
};

struct CompareOptions {
  Filter groups;  ///< By A's names.
  Filter topics;
  std::map<std::string, std::string> group_names;  ///< From A's name to B's; others are the same.
  std::map<std::string, std::string> topic_names;
  Duration timeout = std::chrono::seconds(10);  ///< Of each call.
};

struct Differences {
  std::uint64_t equal = 0;
  std::uint64_t a_ahead = 0;
  std::uint64_t b_ahead = 0;
  std::uint64_t only_a = 0;
  std::uint64_t only_b = 0;
  std::uint64_t unreadable = 0;
  GroupCount a_groups;
  GroupCount b_groups;

  [[nodiscard]] std::uint64_t Differing() const noexcept {
    return a_ahead + b_ahead + only_a + only_b;
  }
};

/// Compares positions, nothing else, group by group: first A's groups, then those that only B has.
/// Each partition that either side has a position for is handed to `take`, whose error ends it.
/// Memory: one group of both sides and a page of names.
/// Errors: a side cannot list its groups; two names of A would become one in B (`InvalidArgument`).
[[nodiscard]] Result<Differences> Compare(
    OffsetStore& a,
    OffsetStore& b,
    const CompareOptions& options,
    const std::function<Status(const ComparedPartition&)>& take);

/// Whether both are one store. A copy of a folder, or a database that was restored elsewhere, has
/// the id of its original and is another store.
[[nodiscard]] bool IsSameStore(const StoreInfo& a, const StoreInfo& b) noexcept;

}  // namespace offsetstore::migration
