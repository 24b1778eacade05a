// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/migration/plan.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// What is done where the target holds another position already.
enum class OnConflict : std::uint8_t {
  kFail,    ///< The partition is refused.
  kSkip,    ///< What the target has is left as it is.
  kMax,     ///< The larger of the two stays or is written.
  kSource,  ///< The source's is written; backwards only with `allow_rewind`.
  kTarget,  ///< The target's stays. As `kSkip`; named for who thinks in winners.
};

/// What is done with a position that the target's log does not hold.
enum class OutOfRange : std::uint8_t {
  kRefuse,  ///< The partition is refused.
  kClamp,   ///< The log's start or end is written instead.
  kSkip,    ///< The partition is left out.
  kKeep,    ///< It is written as it is; the consumer's own rule decides later.
};

/// What the one who plans has allowed.
struct Rules {
  OnConflict on_conflict = OnConflict::kFail;
  OutOfRange out_of_range = OutOfRange::kRefuse;
  bool allow_rewind = false;       ///< `OnConflict::kSource` may move the target backwards.
  bool allow_live = false;         ///< Groups with consumers at work are moved all the same.
  bool allow_live_source = false;  ///< The same, where they are at work in the source alone.
  /// What is equal is refused too where consumers of the source are at work: it will not stay so.
  bool equal_must_rest = false;
  bool allow_missing = false;      ///< Topics and partitions that the target cluster lacks, too.
  bool allow_moved = false;        ///< A rollback overwrites what was written since the run, too.
  std::optional<Time> newer_than;  ///< Only positions that were committed at or after it.
  std::optional<Time> older_than;  ///< Only positions that were committed before it.
};

/// What is known of a group beside its positions. Empty text: nobody is at work there.
struct Evidence {
  std::string source;
  std::string target;
};

/// The log of one topic in the target cluster; null: there is no cluster to ask.
using TopicLog = Result<std::optional<LogView::Ranges>>;

/// Fills in `action`, `reason`, `why` and `position` of a step whose `source` and `target` were
/// read. Pure: looks at nothing but its arguments.
void Decide(Step& step,
            const Rules& rules,
            const Evidence& evidence,
            const TopicLog* log,
            const StoreInfo& target);

}  // namespace offsetstore::migration
