// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "offsetstore/migration/plan.h"
#include "offsetstore/migration/plan_file.h"
#include "offsetstore/migration/run.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// What a run is about to do and has done: the snapshot of the target and the mark for going on
/// after a crash, in one file of lines (docs/formats/plan-and-journal.md).
class Journal {
 public:
  enum class Runs : std::uint8_t {
    kOnce,      ///< A group that is done is never written again.
    kRepeated,  ///< Pass after pass: no group is done, and each partition is kept once.
  };
  /// Makes the journal, or goes on with the one that is there; one process at a time. A last line
  /// that a crash cut is removed. Errors: it is of another plan, or its run was taken back
  /// (`InvalidArgument`), in use (`Unavailable`), `Corrupt`.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> Open(const std::string& path,
                                                             const PlanHeader& header,
                                                             Runs runs);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  /// Whether the run did everything it could for that group of the plan.
  [[nodiscard]] bool IsDone(const std::string& group) const;

  /// Whether an earlier run was about to write that partition of that group of the plan, and was
  /// interrupted before it said what became of the group.
  [[nodiscard]] bool WasBegun(const std::string& group, const TopicPartition& at) const;

  /// What is about to be written: those steps of `group` whose `write` is set, of a repeated run
  /// those that it never wrote before. Durable after `Sync`, and so before the write.
  [[nodiscard]] Status Before(const GroupPlan& group, const std::vector<bool>& write);
  /// What became of it. To be called once it is told to whoever keeps account of it.
  [[nodiscard]] Status After(const GroupRun& run);
  [[nodiscard]] Status Sync();

  /// Says in the journal of another run, durably, that the rollback `by` takes it back: its plan is
  /// run no more. Errors as of `Open`; the run went on since the rollback was planned, which does
  /// not know all of it (`InvalidArgument`).
  [[nodiscard]] static Status MarkTakenBack(const std::string& path, const PlanHeader& by);

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads the snapshots of a journal: each group once, its partitions as they were before the first
/// write of each. A last line that a crash cut is left out: nothing was written after it. Memory:
/// the names of the groups, and all of those that the journal has more than once.
class SnapshotReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SnapshotReader>> Open(const std::string& path);
  SnapshotReader(const SnapshotReader&) = delete;
  SnapshotReader& operator=(const SnapshotReader&) = delete;
  ~SnapshotReader();

  /// Of the plan that was run.
  [[nodiscard]] const PlanHeader& header() const noexcept;
  /// Of all whole lines when it was opened.
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// A group with the steps that were about to be written: `target` is what stood there before,
  /// `position` what was written. nullopt at the end.
  [[nodiscard]] Result<std::optional<GroupPlan>> Next();

 private:
  struct State;
  explicit SnapshotReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace offsetstore::migration
