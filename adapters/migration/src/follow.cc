// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/follow.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
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
    std::optional<Position> position;  ///< None: nothing for sure yet.
    std::optional<Position> maybe;     ///< Sent since, and perhaps applied.
    Clock::time_point written{};       ///< Not known for what was found: long ago.
    bool told = false;                 ///< A write of it is in the account.
  };

  [[nodiscard]] Line& At(const std::string& group, const TopicPartition& at) {
    return lines_[group][at];
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

void Found(Ledger::Line& line, Position position) {
  if (line.position != position) line.written = {};
  line.position = position;
  line.maybe.reset();
}

bool IsEqual(const Step& step) {
  return step.action == Action::kKeep && step.reason == Reason::kEqual;
}

class Follower {
 public:
  Follower(const Sides& sides,
           const PlanHeader& header,
           const FollowOptions& options,
           Journal& journal)
      : sides_(sides), header_(header), options_(options), journal_(journal) {}

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
      GroupRun firsts = FirstsOf(done);
      Learn(done);
      if (options_.first && !firsts.results.empty()) untold_.push_back(std::move(firsts));
      return TellFirsts();
    };
    OS_RETURN_IF_ERROR(TellFirsts());  // What the pass before could not.
    return Pass(sides, std::move(plan), run, false, tell_first);
  }

  Result<Totals> LastPass(const EmitRun& emit) {
    OS_RETURN_IF_ERROR(TellFirsts());
    PlanOptions plan = options_.plan;
    plan.rules.equal_must_rest = true;
    return Pass(sides_, std::move(plan), options_.run, true, emit);
  }

 private:
  Result<Totals> Pass(const Sides& sides,
                      PlanOptions plan,
                      const RunOptions& run,
                      bool whole,
                      const EmitRun& emit) {
    const Rules at_first = plan.rules;
    Rules own = at_first;
    own.on_conflict = OnConflict::kSource;
    own.allow_rewind = true;
    // What somebody wrote beside this follower is not overwritten, whatever the first look was
    // allowed to.
    Rules foreign = at_first;
    const bool overwrites =
        foreign.on_conflict == OnConflict::kMax || foreign.on_conflict == OnConflict::kSource;
    if (overwrites) foreign.on_conflict = OnConflict::kFail;
    plan.must_match = false;
    plan.rules_of = [&](const GroupPlan& group, const Step& step) -> const Rules& {
      const Ledger::Line* line = ledger_.Of(group.to, step.to);
      if (line == nullptr) return at_first;
      if (IsOwn(*line, step)) return own;
      return line->position ? foreign : at_first;
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

  [[nodiscard]] static bool IsOwn(const Ledger::Line& line, const Step& step) {
    const auto* entry = std::get_if<Entry>(&step.target.slot);
    return entry != nullptr && (entry->position == line.position || entry->position == line.maybe);
  }

  /// Notes what needs no write, and writes it again before it expires.
  void Look(const GroupPlan& group, Step& step) {
    if (!IsEqual(step)) return;
    const Position position = std::get<Entry>(step.target.slot).position;
    Ledger::Line& line = ledger_.At(group.to, step.to);
    Found(line, position);
    if (!options_.retention) return;
    const bool known = line.written != Clock::time_point{};
    if (known && Clock::now() - line.written < *options_.retention / 3) return;
    step.Become(Action::kWrite, Reason::kEqual, "written again before it expires");
    step.position = position;
  }

  [[nodiscard]] GroupRun FirstsOf(const GroupRun& run) const {
    GroupRun firsts{{run.plan.from, run.plan.to, {}, {}}, {}};
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const Step& step = run.plan.steps[i];
      const Done done = run.results[i].done;
      const bool sent = done == Done::kWritten || done == Done::kInDoubt || done == Done::kMismatch;
      const Ledger::Line* line = ledger_.Of(run.plan.to, step.to);
      const bool told = line != nullptr && line->told;
      // Written again as it stood: no change.
      if (!sent || told || step.reason == Reason::kEqual) continue;
      firsts.plan.steps.push_back(step);
      firsts.results.push_back(run.results[i]);
    }
    return firsts;
  }

  Status TellFirsts() {
    while (!untold_.empty()) {
      const GroupRun& firsts = untold_.front();
      OS_RETURN_IF_ERROR(options_.first(firsts));
      for (std::size_t i = 0; i < firsts.results.size(); ++i) {
        const bool written = firsts.results[i].done == Done::kWritten;
        if (written) ledger_.At(firsts.plan.to, firsts.plan.steps[i].to).told = true;
      }
      untold_.pop_front();
    }
    return {};
  }

  void Learn(const GroupRun& run) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const Step& step = run.plan.steps[i];
      const Done done = run.results[i].done;
      if (!step.position) continue;
      if (done == Done::kWritten || done == Done::kAlreadyThere) {
        Ledger::Line& line = ledger_.At(run.plan.to, step.to);
        Found(line, *step.position);
        line.written = Clock::now();
      } else if (done == Done::kInDoubt) {
        Ledger::Line& line = ledger_.At(run.plan.to, step.to);
        // Where this one is not applied, what stood there is what counts: it was our own too.
        if (IsOwn(line, step)) line.position = std::get<Entry>(step.target.slot).position;
        line.maybe = step.position;
      } else if (done == Done::kMismatch) {
        // Written, and somebody else wrote after that: his from now on.
        Found(ledger_.At(run.plan.to, step.to), *step.position);
      }
    }
  }

  const Sides& sides_;
  const PlanHeader& header_;
  const FollowOptions& options_;
  Journal& journal_;
  Ledger ledger_;
  std::deque<GroupRun> untold_;  ///< At most a batch: nothing more is written before they are told.
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
