// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "group_pages.h"
#include "group_reader.h"
#include "group_writer.h"
#include "internal/macros.h"
#include "offsetstore/migration/conditions.h"
#include "offsetstore/migration/journal.h"
#include "offsetstore/migration/run.h"
#include "parallel.h"

namespace offsetstore::migration {
namespace {

Result<std::vector<GroupRun>> NextBatch(PlanReader& plan, std::size_t size) {
  std::vector<GroupRun> runs;
  while (runs.size() < size) {
    OS_ASSIGN_OR_RETURN(std::optional<GroupPlan> group, plan.Next());
    if (!group) break;
    runs.push_back(BeginRun(*std::move(group)));
  }
  return runs;
}

class Applier {
 public:
  Applier(PlanReader& plan,
          const Sides& sides,
          const RunOptions& options,
          Journal& journal,
          const EmitRun& emit)
      : plan_(plan),
        sides_(sides),
        options_(options),
        journal_(journal),
        emit_(emit),
        pacer_(options.pace) {}

  Result<Totals> Run() {
    std::future<Result<std::vector<GroupRun>>> next = ReadAhead();
    while (true) {
      OS_ASSIGN_OR_RETURN(std::vector<GroupRun> runs, next.get());
      if (runs.empty()) break;
      next = ReadAhead();
      OS_RETURN_IF_ERROR(Batch(runs));
      OS_RETURN_IF_ERROR(Tell(runs));
      At("done");
    }
    OS_RETURN_IF_ERROR(journal_.Sync());
    return totals_;
  }

 private:
  using Writes = std::vector<std::vector<bool>>;

  [[nodiscard]] bool WithSource() const {
    return plan_.header().undoes.empty() && !options_.source_moves;
  }

  /// Decodes the next batch while the one in hand waits for the servers.
  std::future<Result<std::vector<GroupRun>>> ReadAhead() {
    return std::async(std::launch::async,
                      [this] { return NextBatch(plan_, options_.pace.Taken()); });
  }

  Status Batch(std::vector<GroupRun>& runs) {
    OS_RETURN_IF_ERROR(pacer_.Wait(runs.size()));
    Writes writes = Check(runs);
    OS_RETURN_IF_ERROR(RefuseAllLive(runs, writes));
    OS_RETURN_IF_ERROR(WriteAhead(runs, writes));
    At("journalled");
    ForEach(runs, [&](std::size_t worker, std::size_t i) {
      WriteSteps(runs[i],
                 writes[i],
                 sides_.Target(worker),
                 plan_.header(),
                 options_.name,
                 options_.pace.timeout);
    });
    At("written");
    ForEach(runs, [&](std::size_t worker, std::size_t i) {
      ReadBack(runs[i], writes[i], sides_.Target(worker), options_.pace.timeout);
    });
    At("read back");
    return {};
  }

  /// To `emit` first, and on the disk there: a run that is killed between the two is told twice,
  /// and never not at all. What was written is told to the end, also where one group cannot be.
  Status Tell(const std::vector<GroupRun>& runs) {
    Status first;
    std::vector<const GroupRun*> told;
    for (const GroupRun& run : runs) {
      totals_.Count(run);
      Status one = emit_(run);
      if (one) told.push_back(&run);
      if (first && !one) first = std::move(one);
    }
    if (options_.sync_told) OS_RETURN_IF_ERROR(options_.sync_told());
    // Not synced: whoever goes on after a crash finds by reading what these lines would have said.
    for (const GroupRun* run : told) {
      if (!journal_.IsDone(run->plan.from) && !OwesAccount(*run)) {
        OS_RETURN_IF_ERROR(journal_.After(*run));
      }
    }
    return first;
  }

  /// An earlier run may have written something of it that this one could not look at.
  [[nodiscard]] bool OwesAccount(const GroupRun& run) const {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const TopicPartition& at = run.plan.steps[i].to;
      if (run.results[i].done == Done::kFailed && journal_.WasBegun(run.plan.from, at)) return true;
    }
    return false;
  }

  Writes Check(std::vector<GroupRun>& runs) {
    Writes writes(runs.size());
    ForEach(runs, [&](std::size_t worker, std::size_t i) {
      if (journal_.IsDone(runs[i].plan.from)) {
        LeaveDone(runs[i]);
        writes[i].assign(runs[i].plan.steps.size(), false);
        return;
      }
      writes[i] = CheckUnmoved(runs[i],
                               sides_.Source(worker),
                               sides_.Target(worker),
                               WithSource(),
                               options_.pace.timeout);
      MarkUntold(runs[i]);
    });
    return writes;
  }

  void MarkUntold(GroupRun& run) const {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      StepResult& result = run.results[i];
      result.untold = result.untold && journal_.WasBegun(run.plan.from, run.plan.steps[i].to);
    }
  }

  static void LeaveDone(GroupRun& run) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const Step& step = run.plan.steps[i];
      if (!step.Changes()) continue;
      run.results[i] = {
          Done::kAlreadyThere, step.reason, "done by an earlier run of this plan", {}};
    }
  }

  Status RefuseAllLive(std::vector<GroupRun>& runs, Writes& writes) {
    if (options_.allow_live) return {};
    std::vector<GroupPlan> plans;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (std::find(writes[i].begin(), writes[i].end(), true) == writes[i].end()) continue;
      plans.push_back({runs[i].plan.from, runs[i].plan.to, {}, {}});
      indices.push_back(i);
    }
    if (plans.empty()) return {};
    Sides sides = sides_;
    if (!WithSource()) sides.source_watch = nullptr;
    const std::vector<Result<Evidence>> evidence = LookForLife(sides, plans, options_.pace.timeout);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      RefuseLive(runs[indices[i]], writes[indices[i]], evidence[i]);
    }
    return {};
  }

  /// What the target holds now must be on the disk before the first byte of it is overwritten.
  Status WriteAhead(const std::vector<GroupRun>& runs, const Writes& writes) {
    bool any = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (std::find(writes[i].begin(), writes[i].end(), true) == writes[i].end()) continue;
      any = true;
      OS_RETURN_IF_ERROR(journal_.Before(runs[i].plan, writes[i]));
    }
    if (any && !marked_ && !options_.taken_back_path.empty()) {
      OS_RETURN_IF_ERROR(Journal::MarkTakenBack(options_.taken_back_path, plan_.header()));
      marked_ = true;
    }
    return journal_.Sync();
  }

  void ForEach(const std::vector<GroupRun>& runs,
               const std::function<void(std::size_t, std::size_t)>& work) const {
    ForEachIndex(runs.size(), options_.pace.parallel, work);
  }

  void At(std::string_view point) const {
    if (options_.at) options_.at(point);
  }

  PlanReader& plan_;
  const Sides& sides_;
  const RunOptions& options_;
  Journal& journal_;
  const EmitRun& emit_;
  Pacer pacer_;
  Totals totals_;
  bool marked_ = false;  ///< The journal at `taken_back_path` is.
};

StepResult Compared(const Step& step, const Read& now) {
  if (const auto* error = std::get_if<Error>(&now.slot)) {
    return {Done::kFailed, step.reason, ToString(*error), error->code};
  }
  if (FromOf(now.slot) == WantedBy(step)) return {Done::kAlreadyThere, step.reason, {}, {}};
  const auto* entry = std::get_if<Entry>(&now.slot);
  return {Done::kMismatch,
          step.reason,
          entry == nullptr ? "nothing is stored"
                           : "stored is " + std::to_string(entry->position.value()),
          ErrorCode::kConflict};
}

void VerifyGroup(GroupRun& run, OffsetStore& target, Duration timeout) {
  std::vector<std::size_t> indices;
  std::vector<TopicPartition> partitions;
  for (std::size_t i = 0; i < run.plan.steps.size(); ++i) {
    if (!run.plan.steps[i].Changes()) continue;
    indices.push_back(i);
    partitions.push_back(run.plan.steps[i].to);
  }
  if (indices.empty()) return;
  const Answers<Read> reads = ReadPartitions(target, run.plan.to, std::move(partitions), timeout);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Step& step = run.plan.steps[indices[i]];
    run.results[indices[i]] =
        Compared(step, reads ? (*reads)[i] : Read{step.to, reads.error(), {}});
  }
}

Status CheckStores(const PlanHeader& header, const Sides& sides) {
  OS_RETURN_IF_ERROR(CheckSame(header.to, sides.Target(0).Info(), "target"));
  if (!header.undoes.empty()) return {};
  return CheckSame(header.from, sides.Source(0).Info(), "source");
}

}  // namespace

Result<Totals> Apply(PlanReader& plan,
                     const Sides& sides,
                     const RunOptions& options,
                     const EmitRun& emit) {
  OS_RETURN_IF_ERROR(CheckStores(plan.header(), sides));
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<Journal> journal,
                      Journal::Open(options.journal_path, plan.header(), Journal::Runs::kOnce));
  return Applier(plan, sides, options, *journal, emit).Run();
}

Result<Totals> Apply(PlanReader& plan,
                     const Sides& sides,
                     const RunOptions& options,
                     Journal& journal,
                     const EmitRun& emit) {
  OS_RETURN_IF_ERROR(CheckStores(plan.header(), sides));
  return Applier(plan, sides, options, journal, emit).Run();
}

Result<Totals> Verify(PlanReader& plan,
                      const Sides& sides,
                      const RunOptions& options,
                      const EmitRun& emit) {
  OS_RETURN_IF_ERROR(CheckSame(plan.header().to, sides.Target(0).Info(), "target"));
  Totals totals;
  Pacer pacer(options.pace);
  while (true) {
    OS_ASSIGN_OR_RETURN(std::vector<GroupRun> runs, NextBatch(plan, options.pace.Taken()));
    if (runs.empty()) return totals;
    OS_RETURN_IF_ERROR(pacer.Wait(runs.size()));
    ForEachIndex(runs.size(), options.pace.parallel, [&](std::size_t worker, std::size_t i) {
      VerifyGroup(runs[i], sides.Target(worker), options.pace.timeout);
    });
    for (const GroupRun& run : runs) {
      totals.Count(run);
      OS_RETURN_IF_ERROR(emit(run));
    }
  }
}

}  // namespace offsetstore::migration
