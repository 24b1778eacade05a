// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fault_store.h"
#include "offsetstore/migration/journal.h"
#include "offsetstore/migration/planner.h"
#include "offsetstore/migration/rollback.h"
#include "offsetstore/migration/run.h"
#include "temp_dir.h"

namespace offsetstore::testing {

namespace mig = offsetstore::migration;

inline const TopicPartition kOrders0 = {"orders", 0};
inline const TopicPartition kOrders1 = {"orders", 1};

/// Answers by what the test put into it.
class FakeWatch final : public mig::GroupWatch {
 public:
  std::map<std::string, std::string> live;  ///< Group to evidence.
  std::optional<Error> error;
  std::function<void()> on_look;  ///< Between what a plan reads and what it decides.

  Result<std::vector<Result<mig::Liveness>>> Look(std::span<const std::string> groups,
                                                  Deadline deadline) override;
};

class FakeLogs final : public mig::LogView {
 public:
  std::map<std::string, Ranges> topics;

  Result<std::optional<Ranges>> Topic(const std::string& topic, Deadline deadline) override;
};

/// Two memory stores behind faults, a folder, and what moves the one into the other.
class Estate {
 public:
  Estate();

  FaultStore source;
  FaultStore target;
  FakeWatch source_watch;
  FakeWatch target_watch;
  FakeLogs logs;
  TempDir dir;
  mig::PlanOptions plan_options;
  mig::RunOptions run_options;
  bool with_logs = false;

  [[nodiscard]] mig::Sides sides();
  [[nodiscard]] std::string Path(const std::string& name) const;

  static void Set(OffsetStore& store,
                  const std::string& group,
                  const TopicPartition& at,
                  std::int64_t position,
                  const std::string& metadata = {});
  static void Remove(OffsetStore& store, const std::string& group, const TopicPartition& at);
  /// -1: nothing is stored.
  [[nodiscard]] static std::int64_t Get(OffsetStore& store,
                                        const std::string& group,
                                        const TopicPartition& at);

  /// Plans into memory.
  [[nodiscard]] std::vector<mig::GroupPlan> Plan();
  /// Plans into a file, and returns its path.
  [[nodiscard]] std::string PlanFile(const std::string& name = "plan");
  [[nodiscard]] Result<mig::Totals> Apply(const std::string& plan);
  [[nodiscard]] Result<mig::Totals> Verify(const std::string& plan);
  /// Plans the way back of the run's journal and does it.
  [[nodiscard]] Result<mig::Totals> RollBack();

  std::vector<mig::GroupRun> runs;  ///< What the last `Apply` or `Verify` said.
};

/// Three groups of two partitions each, and the plan that moves them.
struct Planned {
  Estate estate;
  std::string plan;

  Planned();
  void CheckWhole();
};

/// Thrown from a point of a run: what the process had in hand is gone, what is on disk stays.
struct Killed {};

}  // namespace offsetstore::testing
