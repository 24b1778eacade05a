// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// Which names are meant: regular expressions that must match the whole name. The syntax is RE2's,
/// as in Kafka's own subscriptions by pattern (KIP-848); `.` matches a line end too. Time and
/// memory of a match grow with the name's length and no faster, whatever the expression.
///
/// A name that is not UTF-8 is matched byte by byte: there `.` is one byte, and a character
/// beyond ASCII in the expression stands for its bytes.
///
/// Copies are cheap and share what was compiled. Any thread.
class Filter {
 public:
  /// Every name.
  Filter() = default;

  /// A name that matches one of `include`, or any name where there is none, unless it matches one
  /// of `exclude`. `InvalidArgument` names the expression that is wrong, and where.
  [[nodiscard]] static Result<Filter> Make(std::span<const std::string> include,
                                           std::span<const std::string> exclude);

  [[nodiscard]] bool Matches(std::string_view name) const;
  [[nodiscard]] bool operator()(std::string_view name) const { return Matches(name); }

 private:
  struct Patterns;
  std::shared_ptr<const Patterns> patterns_;  // null: every name
};

/// How many groups were looked at.
struct GroupCount {
  std::uint64_t listed = 0;   ///< In the store.
  std::uint64_t matched = 0;  ///< Of them, those that were meant.
};

/// Hands each group of `store` that `filter` means to `take`, in the store's order (by bytes), page
/// by page: memory for one page. Every call of the store gets `timeout`; an error of `take` ends
/// it and is returned.
[[nodiscard]] Result<GroupCount> ForEachGroup(
    OffsetStore& store,
    const Filter& filter,
    Duration timeout,
    const std::function<Status(const std::string& group)>& take);

/// What to say where nothing was meant by a selection: the store is empty, or none of its groups
/// matches. Empty: there was something.
[[nodiscard]] std::string NothingMeant(const GroupCount& count);

}  // namespace offsetstore::migration
