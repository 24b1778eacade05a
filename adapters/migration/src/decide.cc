// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/decide.h"

#include <string_view>
#include <utility>

namespace offsetstore::migration {
namespace {

/// One question; what it decides is written into the step. Returns whether the matter is settled.
bool Settle(Step& step, Action action, Reason reason, std::string why = {}) {
  step.Become(action, reason, std::move(why));
  return true;
}

bool SettledBySource(Step& step, const Rules& rules) {
  if (const auto* error = std::get_if<Error>(&step.source.slot)) {
    return Settle(step, Action::kRefuse, Reason::kSourceUnreadable, ToString(*error));
  }
  const auto* entry = std::get_if<Entry>(&step.source.slot);
  if (entry == nullptr) return Settle(step, Action::kKeep, Reason::kSourceAbsent);
  if (rules.newer_than && (!entry->commit_time || *entry->commit_time < *rules.newer_than)) {
    return Settle(step,
                  Action::kKeep,
                  Reason::kTooOld,
                  entry->commit_time ? "committed at " + ToString(*entry->commit_time)
                                     : "the source does not know when it was committed");
  }
  if (rules.older_than && (!entry->commit_time || *entry->commit_time >= *rules.older_than)) {
    return Settle(step,
                  Action::kKeep,
                  Reason::kTooNew,
                  entry->commit_time ? "committed at " + ToString(*entry->commit_time)
                                     : "the source does not know when it was committed");
  }
  return false;
}

bool SettledOutside(Step& step, const Rules& rules, const LogRange& range) {
  const Position at = *step.position;
  if (range.start <= at && at <= range.end) return false;
  const bool below = at < range.start;
  const Reason reason = below ? Reason::kBelowLog : Reason::kAboveLog;
  const std::string log = "the log holds " + std::to_string(range.start.value()) + " to " +
                          std::to_string(range.end.value());
  switch (rules.out_of_range) {
    case OutOfRange::kRefuse:
      return Settle(step,
                    Action::kRefuse,
                    reason,
                    log + "; --out-of-range clamp, skip or keep says what to do");
    case OutOfRange::kSkip:
      return Settle(step, Action::kKeep, reason, log);
    case OutOfRange::kKeep:
      step.why = log;
      return false;
    case OutOfRange::kClamp:
      break;
  }
  step.position = below ? range.start : range.end;
  step.clamped = true;
  step.why = std::to_string(at.value()) + " is out of range: " + log;
  return false;
}

bool SettledByLog(Step& step, const Rules& rules, const TopicLog& log) {
  if (!log) return Settle(step, Action::kRefuse, Reason::kLogUnknown, ToString(log.error()));
  if (!*log) {
    if (rules.allow_missing) return false;
    return Settle(step,
                  Action::kRefuse,
                  Reason::kNoSuchTopic,
                  "the target cluster has no such topic, and keeps no position without one: create "
                  "it there first, or leave it out");
  }
  const auto range = (*log)->find(step.to.partition);
  if (range == (*log)->end()) {
    if (rules.allow_missing) return false;
    return Settle(step,
                  Action::kRefuse,
                  Reason::kNoSuchPartition,
                  "the topic has " + std::to_string((*log)->size()) +
                      " partitions in the target cluster; --allow-missing writes it all the same");
  }
  if (!range->second) {
    if (rules.out_of_range == OutOfRange::kKeep) return false;
    return Settle(step, Action::kRefuse, Reason::kLogUnknown, ToString(range->second.error()));
  }
  return SettledOutside(step, rules, *range->second);
}

bool SettledByConflict(Step& step, const Rules& rules, Position held) {
  const bool ahead = *step.position > held;
  switch (rules.on_conflict) {
    case OnConflict::kFail:
      return Settle(step,
                    Action::kRefuse,
                    Reason::kTargetHasOne,
                    "the target has another position already; --on-conflict skip, max, source or "
                    "target says what to do");
    case OnConflict::kSkip:
    case OnConflict::kTarget:
      return Settle(step, Action::kKeep, Reason::kTargetHasOne);
    case OnConflict::kMax:
      if (!ahead) return Settle(step, Action::kKeep, Reason::kBehind);
      break;
    case OnConflict::kSource:
      if (!ahead && !rules.allow_rewind) {
        return Settle(step,
                      Action::kRefuse,
                      Reason::kBehind,
                      "the target would move backwards; --allow-rewind allows that");
      }
      break;
  }
  step.reason = ahead ? Reason::kAhead : Reason::kBehind;
  return false;
}

bool SettledByTarget(Step& step, const Rules& rules) {
  if (const auto* error = std::get_if<Error>(&step.target.slot)) {
    return Settle(step, Action::kRefuse, Reason::kTargetUnreadable, ToString(*error));
  }
  const auto* entry = std::get_if<Entry>(&step.target.slot);
  if (entry == nullptr) {
    step.reason = Reason::kNew;
    return false;
  }
  if (entry->position == *step.position) return Settle(step, Action::kKeep, Reason::kEqual);
  return SettledByConflict(step, rules, entry->position);
}

constexpr std::string_view kStopThem =
    "; stop its consumers, or --allow-live moves it all the same";

bool SettledByLiveSource(Step& step, const Rules& rules, const Evidence& evidence) {
  if (evidence.source.empty() || rules.allow_live || rules.allow_live_source) return false;
  return Settle(
      step, Action::kRefuse, Reason::kLiveSource, evidence.source + std::string(kStopThem));
}

bool SettledByLife(Step& step, const Rules& rules, const Evidence& evidence) {
  if (rules.allow_live) return false;
  if (SettledByLiveSource(step, rules, evidence)) return true;
  const std::string how(kStopThem);
  if (!evidence.target.empty()) {
    return Settle(step, Action::kRefuse, Reason::kLiveTarget, evidence.target + how);
  }
  const auto& claim = step.target.claim;
  if (claim && !claim->released && claim->owner.kind == Owner::Kind::kMember) {
    return Settle(step, Action::kRefuse, Reason::kHeld, "held by " + ToString(claim->owner) + how);
  }
  return false;
}

bool SettledByLimits(Step& step, const StoreInfo& target) {
  const std::string& metadata = std::get<Entry>(step.source.slot).metadata;
  if (metadata.empty()) return false;
  if (!target.capabilities.keeps_metadata) {
    step.why += step.why.empty() ? "" : "; ";
    step.why += "its metadata is left behind: the target keeps none";
    return false;
  }
  if (metadata.size() <= target.limits.metadata_bytes) return false;
  return Settle(step,
                Action::kRefuse,
                Reason::kTargetCannotHoldIt,
                "its metadata has " + std::to_string(metadata.size()) +
                    " bytes, the target keeps " + std::to_string(target.limits.metadata_bytes));
}

}  // namespace

void Decide(Step& step,
            const Rules& rules,
            const Evidence& evidence,
            const TopicLog* log,
            const StoreInfo& target) {
  if (SettledBySource(step, rules)) return;
  step.position = std::get<Entry>(step.source.slot).position;
  if (log != nullptr && SettledByLog(step, rules, *log)) return;
  const bool settled = SettledByTarget(step, rules);
  const bool equal = settled && step.reason == Reason::kEqual;
  if (equal && rules.equal_must_rest) SettledByLiveSource(step, rules, evidence);
  // What need not be written is in nobody's way.
  if (settled || SettledByLife(step, rules, evidence)) return;
  if (SettledByLimits(step, target)) return;
  step.action = Action::kWrite;
}

}  // namespace offsetstore::migration
