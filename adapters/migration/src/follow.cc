// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/follow.h"

#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "group_pages.h"
#include "internal/macros.h"
#include "offsetstore/migration/conditions.h"
#include "offsetstore/migration/journal.h"
#include "offsetstore/migration/plan_file.h"

namespace offsetstore::migration {
namespace {

using Clock = std::chrono::steady_clock;

/// What the follower wrote to the target, or found there as it would have written it.
class Ledger {
 public:
  struct Line {
    Position position;
    Clock::time_point written;  ///< Not known for what was found: long ago.
  };

  void Wrote(const std::string& group, const TopicPartition& at, Position position) {
    lines_[group][at] = {position, Clock::now()};
  }
  void Found(const std::string& group, const TopicPartition& at, Position position) {
    lines_[group].try_emplace(at, Line{position, {}});
  }
  [[nodiscard]] const Line* Of(const std::string& group, const TopicPartition& at) const {
    const auto of_group = lines_.find(group);
    if (of_group == lines_.end()) return nullptr;
    const auto line = of_group->second.find(at);
    return line == of_group->second.end() ? nullptr : &line->second;
  }

 private:
  std::unordered_map<std::string, std::map<TopicPartition, Line>> lines_;
};

bool IsEqual(const Step& step) {
  return step.action == Action::kKeep && step.reason == Reason::kEqual;
}

class Follower {
 public:
  Follower(const Sides& sides,
           const PlanHeader& header,
           const FollowOptions& options,
           Journal& journal)
      : sides_(sides),
        header_(header),
        options_(options),
        journal_(journal),
        own_(options.plan.rules) {
    own_.on_conflict = OnConflict::kSource;
    own_.allow_rewind = true;
  }

  /// One that leaves consumers of the source at work.
  Result<Totals> PassBeside() {
    Sides sides = sides_;
    sides.source_watch = nullptr;
    PlanOptions plan = options_.plan;
    plan.rules.allow_live_source = true;
    plan.sample_interval = Duration::zero();
    RunOptions run = options_.run;
    run.source_moves = true;
    const auto tell_first = [this](const GroupRun& done) -> Status {
      const GroupRun firsts = FirstsOf(done);
      Learn(done);
      return options_.first && !firsts.results.empty() ? options_.first(firsts) : Status();
    };
    return Pass(sides, std::move(plan), run, false, tell_first);
  }

  Result<Totals> LastPass(const EmitRun& emit) {
    return Pass(sides_, options_.plan, options_.run, true, emit);
  }

 private:
  Result<Totals> Pass(const Sides& sides,
                      PlanOptions plan,
                      const RunOptions& run,
                      bool whole,
                      const EmitRun& emit) {
    Rules own = own_;
    own.allow_live_source = plan.rules.allow_live_source;
    const Rules others = plan.rules;
    plan.must_match = false;
    plan.rules_of = [&](const GroupPlan& group, const Step& step) -> const Rules& {
      return IsOwn(group, step) ? own : others;
    };
    OS_RETURN_IF_ERROR(KeepPlan(sides, plan, whole));
    OS_ASSIGN_OR_RETURN(const auto reader, PlanReader::Open(options_.plan_path));
    return Apply(*reader, sides, run, journal_, emit);
  }

  Status KeepPlan(const Sides& sides, const PlanOptions& plan, bool whole) {
    std::error_code failed;
    std::filesystem::remove(options_.plan_path, failed);  // Of the pass before; `Create` tells.
    OS_ASSIGN_OR_RETURN(const auto writer, PlanWriter::Create(options_.plan_path, header_));
    OS_RETURN_IF_ERROR(MakePlan(sides, plan, [&](GroupPlan group) -> Status {
      bool has_work = whole || group.error;
      for (Step& step : group.steps) {
        Look(group, step);
        has_work = has_work || step.action != Action::kKeep;
      }
      return has_work ? writer->Add(group) : Status();
    }));
    return writer->Finish();
  }

  [[nodiscard]] bool IsOwn(const GroupPlan& group, const Step& step) const {
    const Ledger::Line* line = ledger_.Of(group.to, step.to);
    const auto* entry = std::get_if<Entry>(&step.target.slot);
    return line != nullptr && entry != nullptr && entry->position == line->position;
  }

  /// Notes what needs no write, and writes it again before it expires.
  void Look(const GroupPlan& group, Step& step) {
    if (!IsEqual(step)) return;
    const Position position = std::get<Entry>(step.target.slot).position;
    ledger_.Found(group.to, step.to, position);
    if (!options_.retention) return;
    const Ledger::Line* line = ledger_.Of(group.to, step.to);
    if (line->written != Clock::time_point{} &&
        Clock::now() - line->written < *options_.retention / 3) {
      return;
    }
    step.Become(Action::kWrite, Reason::kEqual, "written again before it expires");
    step.position = position;
  }

  [[nodiscard]] GroupRun FirstsOf(const GroupRun& run) const {
    GroupRun firsts{{run.plan.from, run.plan.to, {}, {}}, {}};
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const Step& step = run.plan.steps[i];
      if (run.results[i].done != Done::kWritten || ledger_.Of(run.plan.to, step.to) != nullptr) {
        continue;
      }
      firsts.plan.steps.push_back(step);
      firsts.results.push_back(run.results[i]);
    }
    return firsts;
  }

  void Learn(const GroupRun& run) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const Step& step = run.plan.steps[i];
      const Done done = run.results[i].done;
      if (!step.position) continue;
      if (done == Done::kWritten || done == Done::kAlreadyThere) {
        ledger_.Wrote(run.plan.to, step.to, *step.position);
      }
    }
  }

  const Sides& sides_;
  const PlanHeader& header_;
  const FollowOptions& options_;
  Journal& journal_;
  Rules own_;  ///< For positions of the ledger.
  Ledger ledger_;
};

}  // namespace

Result<Totals> Follow(const Sides& sides,
                      const PlanHeader& header,
                      const FollowOptions& options,
                      const EmitRun& emit_last,
                      const TellPass& tell) {
  OS_ASSIGN_OR_RETURN(const auto journal,
                      Journal::Open(options.run.journal_path, header, Journal::Runs::kRepeated));
  Follower follower(sides, header, options, *journal);
  do {
    tell(follower.PassBeside());
  } while (WaitUnlessStopped(Deadline::After(options.interval), options.until));
  return follower.LastPass(emit_last);
}

}  // namespace offsetstore::migration
