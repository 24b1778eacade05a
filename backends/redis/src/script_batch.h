// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "layout.h"
#include "link.h"
#include "offsetstore/deadline.h"
#include "offsetstore/store.h"

namespace offsetstore::redis {

/// One write of many partitions by a script: a single call where it is all or nothing, else calls
/// of a thousand each, sent together.
struct ScriptBatch {
  Script script = Script::kNone;
  std::string_view group;
  Atomicity atomicity = Atomicity::kEach;
  std::vector<std::string_view> common;  ///< ARGV between those of all scripts and the items.
  std::size_t items = 0;
  std::function<void(Command&, std::size_t)> add;  ///< Adds the words of one item.
};

struct BatchAnswers {
  /// For each item what the script said, or why it said nothing.
  std::vector<std::variant<const redisReply*, Error>> items;
  /// Why what was applied is not as durable as `StoreInfo` says.
  std::optional<Error> below;
  std::vector<Reply> replies;  ///< Owns what `items` points to.
};

/// What a store promises for every write.
struct WritePromise {
  Durability durability = Durability::kProcess;
  std::int32_t replicas = 0;
  Duration replicas_timeout{};
};

[[nodiscard]] BatchAnswers RunBatch(Link& link,
                                    const Layout& layout,
                                    const WritePromise& promise,
                                    const ScriptBatch& batch,
                                    Deadline deadline);

}  // namespace offsetstore::redis
