// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/migration/plan.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/sides.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

class Journal;

/// What became of one step.
enum class Done : std::uint8_t {
  kWritten,       ///< Written, and read back.
  kAlreadyThere,  ///< The target holds what the plan wants; an earlier run may have written it.
  kKept,          ///< The plan had nothing to do.
  kRefused,       ///< By the plan, or by a guard now; `why` says which. Nothing was written.
  kFailed,        ///< The target answered with an error; surely not applied.
  kInDoubt,       ///< Sent, and what became of it is unknown. Running the plan again settles it.
  kMismatch,      ///< Written, but something else is stored: somebody else wrote after us.
};
[[nodiscard]] std::string_view ToString(Done done) noexcept;

struct StepResult {
  Done done = Done::kKept;
  Reason reason = Reason::kEqual;
  std::string why;                        ///< One sentence for people.
  ErrorCode code = ErrorCode::kInternal;  ///< `kFailed`, `kInDoubt`.
  /// An earlier run of this plan was interrupted after it was about to write this, and before it
  /// told so. `kAlreadyThere`: it wrote it. `kRefused`: it may have, before somebody else moved it.
  bool untold = false;
};

/// One group and what became of it.
struct GroupRun {
  GroupPlan plan;
  std::vector<StepResult> results;  ///< One per step.
};

struct Totals {
  std::uint64_t groups = 0;
  std::uint64_t unread = 0;  ///< Groups that could not be read.
  std::uint64_t written = 0;
  std::uint64_t already_there = 0;
  std::uint64_t kept = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::uint64_t in_doubt = 0;
  std::uint64_t mismatched = 0;

  void Count(const GroupRun& run);
};

struct RunOptions {
  Pace pace;
  bool allow_live = false;    ///< As `Rules::allow_live`.
  bool source_moves = false;  ///< Its consumers are known to be at work: it is not looked at again.
  /// Who writes; stands as the writer beside the positions.
  std::string name = "offsetctl migrate";
  /// Where the journal is kept: `journal_path`. It holds what the target held before each write.
  std::string journal_path;
  /// Of a rollback: the journal of the run that it takes back, which is marked before the first
  /// write, so that nobody goes on with that run. Empty: none is marked.
  std::string taken_back_path = {};
  /// Makes what `emit` took durable. Called before the journal says of a group that it is done.
  std::function<Status()> sync_told = {};
  /// Called at each step of the work, by name, for tests: `journalled`, `written`, ...
  std::function<void(std::string_view)> at = {};
};

/// Takes what became of each group, in the plan's order.
using EmitRun = std::function<Status(const GroupRun&)>;

/// Does what the plan says, group by group, and nothing else: a step whose source or target moved
/// since the plan was made, or whose group has consumers at work now, is refused. Before a group is
/// written, what the target holds is in the journal, on the disk; after it, every value is read
/// back. A group that fails stops no other.
///
/// Killed at any point, or stopped: run it again with the same plan and journal. Groups that are
/// done are left alone, whatever happened to them since; the others go on from what is stored.
/// Errors: the stores are not the plan's, the journal belongs to another plan, is damaged or in
/// use, the disk is full, `emit` failed, stopped.
[[nodiscard]] Result<Totals> Apply(PlanReader& plan,
                                   const Sides& sides,
                                   const RunOptions& options,
                                   const EmitRun& emit);

/// The same with a journal that is open already; `options.journal_path` is left out of account.
[[nodiscard]] Result<Totals> Apply(PlanReader& plan,
                                   const Sides& sides,
                                   const RunOptions& options,
                                   Journal& journal,
                                   const EmitRun& emit);

/// Reads the target and compares it with what the plan wants there: `kAlreadyThere`, `kMismatch`,
/// `kFailed` where it cannot be read, `kKept` where the plan wants nothing.
[[nodiscard]] Result<Totals> Verify(PlanReader& plan,
                                    const Sides& sides,
                                    const RunOptions& options,
                                    const EmitRun& emit);

}  // namespace offsetstore::migration
