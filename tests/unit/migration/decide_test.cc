// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/decide.h"

#include <doctest/doctest.h>

#include <string>

namespace offsetstore::migration {
namespace {

const TopicPartition kAt = {"orders", 0};

Slot Stored(std::int64_t position) {
  Entry entry;
  entry.position = Position(position);
  return entry;
}

struct Case {
  Slot source = Stored(50);
  Slot target = Absent{};
  Rules rules;
  Evidence evidence;
  std::optional<TopicLog> log;
  StoreInfo info;
  std::optional<ClaimView> claim;

  Step Decided() const {
    Step step;
    step.from = step.to = kAt;
    step.source = {kAt, source, {}};
    step.target = {kAt, target, claim};
    Decide(step, rules, evidence, log ? &*log : nullptr, info);
    return step;
  }
};

TopicLog Log(std::int64_t start, std::int64_t end) {
  LogView::Ranges ranges;
  ranges.emplace(0, LogRange{Position(start), Position(end)});
  return std::optional(std::move(ranges));
}

void CheckStep(const Step& step, Action action, Reason reason, std::int64_t position = -1) {
  CAPTURE(step.why);
  CHECK(ToString(step.action) == ToString(action));
  CHECK(ToString(step.reason) == ToString(reason));
  CHECK(step.position.has_value() == (position >= 0));
  if (step.position) CHECK(step.position->value() == position);
}

TEST_CASE("what the target has not is written") {
  CheckStep(Case{}.Decided(), Action::kWrite, Reason::kNew, 50);
}

TEST_CASE("what is equal is kept, also in a live group") {
  Case one;
  one.target = Stored(50);
  one.evidence.source = "2 members";
  CheckStep(one.Decided(), Action::kKeep, Reason::kEqual);
}

TEST_CASE("absent and unreadable sources are never written, and told apart") {
  Case absent;
  absent.source = Absent{};
  CheckStep(absent.Decided(), Action::kKeep, Reason::kSourceAbsent);
  Case unreadable;
  unreadable.source = MakeError(ErrorCode::kCorrupt, "'12x' is no offset");
  const Step step = unreadable.Decided();
  CheckStep(step, Action::kRefuse, Reason::kSourceUnreadable);
  CHECK(step.why.find("12x") != std::string::npos);
}

TEST_CASE("an unreadable target is never overwritten") {
  Case one;
  one.target = MakeError(ErrorCode::kCorrupt, "damaged");
  one.rules.on_conflict = OnConflict::kSource;
  one.rules.allow_rewind = true;
  CheckStep(one.Decided(), Action::kRefuse, Reason::kTargetUnreadable);
}

TEST_CASE("each policy for a target that has another position") {
  Case one;
  const auto decided = [&](OnConflict policy, std::int64_t target, bool rewind) {
    one.rules.on_conflict = policy;
    one.rules.allow_rewind = rewind;
    one.target = Stored(target);
    return one.Decided();
  };
  CheckStep(decided(OnConflict::kFail, 40, true), Action::kRefuse, Reason::kTargetHasOne);
  CheckStep(decided(OnConflict::kFail, 60, true), Action::kRefuse, Reason::kTargetHasOne);
  CheckStep(decided(OnConflict::kSkip, 40, true), Action::kKeep, Reason::kTargetHasOne);
  CheckStep(decided(OnConflict::kTarget, 40, true), Action::kKeep, Reason::kTargetHasOne);
  CheckStep(decided(OnConflict::kMax, 40, false), Action::kWrite, Reason::kAhead, 50);
  CheckStep(decided(OnConflict::kMax, 60, true), Action::kKeep, Reason::kBehind);
  CheckStep(decided(OnConflict::kSource, 40, false), Action::kWrite, Reason::kAhead, 50);
  CheckStep(decided(OnConflict::kSource, 60, false), Action::kRefuse, Reason::kBehind);
  CheckStep(decided(OnConflict::kSource, 60, true), Action::kWrite, Reason::kBehind, 50);
}

TEST_CASE("a live group on either side, and a held partition, are refused unless allowed") {
  Case one;
  SUBCASE("source") {
    one.evidence.source = "2 members in ids";
    CheckStep(one.Decided(), Action::kRefuse, Reason::kLiveSource);
  }
  SUBCASE("target") {
    one.evidence.target = "Stable";
    CheckStep(one.Decided(), Action::kRefuse, Reason::kLiveTarget);
  }
  SUBCASE("held") {
    one.claim = ClaimView{{3, Nonce::Random()}, ThisProcess(Owner::Kind::kMember, "c"), false};
    CheckStep(one.Decided(), Action::kRefuse, Reason::kHeld);
  }
  one.rules.allow_live = true;
  CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
}

TEST_CASE("a released claim, and an operator's, hold nothing") {
  Case one;
  one.claim = ClaimView{{3, Nonce::Random()}, ThisProcess(Owner::Kind::kMember, "c"), true};
  CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
}

TEST_CASE("a position outside of the target's log: refuse, clamp, skip, keep") {
  Case one;
  const auto decided = [&](OutOfRange policy, std::int64_t start, std::int64_t end) {
    one.rules.out_of_range = policy;
    one.log = Log(start, end);
    return one.Decided();
  };
  for (const OutOfRange policy :
       {OutOfRange::kRefuse, OutOfRange::kClamp, OutOfRange::kSkip, OutOfRange::kKeep}) {
    CheckStep(decided(policy, 50, 50), Action::kWrite, Reason::kNew, 50);
    CheckStep(decided(policy, 0, 50), Action::kWrite, Reason::kNew, 50);
  }
  CheckStep(decided(OutOfRange::kRefuse, 51, 90), Action::kRefuse, Reason::kBelowLog);
  CheckStep(decided(OutOfRange::kRefuse, 0, 49), Action::kRefuse, Reason::kAboveLog);
  CheckStep(decided(OutOfRange::kSkip, 51, 90), Action::kKeep, Reason::kBelowLog);
  CheckStep(decided(OutOfRange::kClamp, 51, 90), Action::kWrite, Reason::kNew, 51);
  CheckStep(decided(OutOfRange::kClamp, 0, 49), Action::kWrite, Reason::kNew, 49);
  CHECK(decided(OutOfRange::kClamp, 0, 49).clamped);
  CheckStep(decided(OutOfRange::kKeep, 51, 90), Action::kWrite, Reason::kNew, 50);
}

TEST_CASE("topics and partitions that the cluster lacks, and logs that cannot be asked") {
  Case one;
  SUBCASE("topic") {
    one.log.emplace(std::optional<LogView::Ranges>());
    CheckStep(one.Decided(), Action::kRefuse, Reason::kNoSuchTopic);
    one.rules.allow_missing = true;
    CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
  }
  SUBCASE("partition") {
    LogView::Ranges ranges;
    ranges.emplace(7, LogRange{Position(0), Position(90)});
    one.log.emplace(std::optional(std::move(ranges)));
    CheckStep(one.Decided(), Action::kRefuse, Reason::kNoSuchPartition);
    one.rules.allow_missing = true;
    CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
  }
  SUBCASE("the whole topic") {
    one.rules.allow_missing = true;
    one.log.emplace(MakeError(ErrorCode::kUnavailable, "no broker"));
    CheckStep(one.Decided(), Action::kRefuse, Reason::kLogUnknown);
  }
  SUBCASE("one partition") {
    LogView::Ranges ranges;
    ranges.emplace(0, MakeError(ErrorCode::kUnavailable, "no leader"));
    one.log.emplace(std::optional(std::move(ranges)));
    CheckStep(one.Decided(), Action::kRefuse, Reason::kLogUnknown);
    one.rules.out_of_range = OutOfRange::kKeep;
    CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
  }
}

TEST_CASE("a position is looked for by when it was committed") {
  Case one;
  Entry entry;
  entry.position = Position(50);
  const Time noon{std::chrono::hours(12)};
  SUBCASE("known") {
    entry.commit_time = noon;
    one.source = entry;
    one.rules.newer_than = noon;
    CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
    one.rules.newer_than = noon + std::chrono::milliseconds(1);
    CheckStep(one.Decided(), Action::kKeep, Reason::kTooOld);
    one.rules = {};
    one.rules.older_than = noon;
    CheckStep(one.Decided(), Action::kKeep, Reason::kTooNew);
    one.rules.older_than = noon + std::chrono::milliseconds(1);
    CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
  }
  SUBCASE("not known") {
    one.source = entry;
    one.rules.newer_than = noon;
    CheckStep(one.Decided(), Action::kKeep, Reason::kTooOld);
    one.rules = {};
    one.rules.older_than = noon;
    CheckStep(one.Decided(), Action::kKeep, Reason::kTooNew);
  }
}

TEST_CASE("metadata that the target cannot hold is said, or refused, never cut") {
  Case one;
  Entry entry;
  entry.position = Position(50);
  entry.metadata = "abc";
  one.source = entry;
  CHECK(one.Decided().why.find("metadata is left behind") != std::string::npos);
  one.info.capabilities.keeps_metadata = true;
  one.info.limits.metadata_bytes = 2;
  CheckStep(one.Decided(), Action::kRefuse, Reason::kTargetCannotHoldIt);
  one.info.limits.metadata_bytes = 3;
  CheckStep(one.Decided(), Action::kWrite, Reason::kNew, 50);
}

}  // namespace
}  // namespace offsetstore::migration
