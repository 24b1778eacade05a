// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/dual.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/metric_names.h"
#include "internal/turn.h"
#include "layers/dual_ledger.h"
#include "layers/dual_pause.h"
#include "layers/dual_payment.h"
#include "offsetstore/layers/context.h"

namespace offsetstore {
namespace {

using internal::Debt;
using internal::DualLedger;
using Drifts = DualLedger::Drifts;

std::string Named(const StoreInfo& info) {
  return info.scheme + ' ' + info.endpoint;
}

// The names that both keep: each domain holds those behind it.
NameDomain Narrower(NameDomain a, NameDomain b) {
  return std::max(a, b);
}

StoreInfo Join(const StoreInfo& primary, const StoreInfo& secondary) {
  StoreInfo info = primary;
  info.scheme = kDualScheme;
  info.endpoint = Named(primary) + ", followed by " + Named(secondary);
  info.ends_with_process = primary.ends_with_process || secondary.ends_with_process;
  info.capabilities.in_callers_transaction = false;
  info.capabilities.keeps_metadata =
      primary.capabilities.keeps_metadata && secondary.capabilities.keeps_metadata;
  const Limits& a = primary.limits;
  const Limits& b = secondary.limits;
  info.limits.names = Narrower(a.names, b.names);
  info.limits.topic_bytes = std::min(a.topic_bytes, b.topic_bytes);
  info.limits.group_bytes = std::min(a.group_bytes, b.group_bytes);
  info.limits.metadata_bytes =
      info.capabilities.keeps_metadata ? std::min(a.metadata_bytes, b.metadata_bytes) : 0;
  return info;
}

std::optional<Position> PositionIn(const Move& set) {
  return set.to;
}

std::optional<Position> PositionIn(const Removal& /*removal*/) {
  return std::nullopt;
}

class DualStore final : public OffsetStore {
 public:
  DualStore(std::unique_ptr<OffsetStore> primary,
            std::unique_ptr<OffsetStore> secondary,
            DualOptions options)
      : primary_(std::move(primary)),
        secondary_(std::move(secondary)),
        options_(std::move(options)),
        info_(Join(primary_->Info(), secondary_->Info())),
        ledger_(CanClaim()),
        pause_(options_.clock != nullptr ? *options_.clock : SteadyClock()) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    return primary_->ListGroups(page, deadline);
  }
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override;
  [[nodiscard]] Status Close(Deadline deadline) override;

 private:
  using Views = std::map<TopicPartition, Expect>;

  [[nodiscard]] bool CanClaim() const { return secondary_->Info().capabilities.fenced_commits; }
  /// What the secondary may take behind the primary.
  [[nodiscard]] Deadline Late(Deadline deadline) const {
    return deadline.Sooner(options_.secondary_timeout);
  }
  /// What it may take before it: the primary must keep most of the caller's time.
  [[nodiscard]] Deadline Early(Deadline deadline) const {
    return deadline.Sooner(std::min(options_.secondary_timeout / 2, deadline.Remaining() / 4));
  }

  /// The claims that the secondary shows before the primary is asked.
  [[nodiscard]] Views Look(std::string_view group,
                           std::span<const ClaimRequest> requests,
                           Deadline deadline);
  /// Pays what the secondary owes for this group, as far as it goes.
  void Pay(std::string_view group, Deadline deadline);
  /// Runs `write` on the secondary for what an operator did, and notes how it ended.
  template <class Request, class Write>
  void Override(std::string_view group,
                const std::vector<Request>& requests,
                Deadline deadline,
                Write write);
  void Tell(const Drifts& drifts);

  const std::unique_ptr<OffsetStore> primary_;
  const std::unique_ptr<OffsetStore> secondary_;
  const DualOptions options_;
  const StoreInfo info_;
  const std::string label_ = internal::StoreLabel(info_);
  DualLedger ledger_;
  internal::DualPause pause_;
  internal::Turn turn_;  // Who writes to the secondary: a payment goes on what the last one left.
};

Answers<Read> DualStore::Fetch(std::string_view group,
                               const Selection& selection,
                               Deadline deadline) {
  auto reads = primary_->Fetch(group, selection, deadline);
  if (reads && ledger_.Owes(group)) Pay(group, Late(deadline));
  return reads;
}

Answers<ClaimAnswer> DualStore::Claim(std::string_view group,
                                      std::span<const ClaimRequest> requests,
                                      const Owner& by,
                                      Deadline deadline) {
  const Views views = Look(group, requests, Early(deadline));
  auto answers = primary_->Claim(group, requests, by, deadline);
  if (!answers) return answers;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const ClaimAnswer& answer = (*answers)[i];
    if (!answer.outcome.Ok()) continue;
    const auto seen = views.find(requests[i].at);
    ledger_.NoteClaim(group,
                      requests[i],
                      answer,
                      seen == views.end() ? std::nullopt : std::optional(seen->second),
                      by);
  }
  Pay(group, Late(deadline));
  return answers;
}

DualStore::Views DualStore::Look(std::string_view group,
                                 std::span<const ClaimRequest> requests,
                                 Deadline deadline) {
  Views views;
  if (!CanClaim() || pause_.Lasts()) return views;
  Selection selection;
  for (const ClaimRequest& request : requests) {
    if (!ledger_.Renews(group, request)) selection.partitions.push_back(request.at);
  }
  if (selection.partitions.empty()) return views;
  const auto reads = secondary_->Fetch(group, selection, deadline);
  if (!reads) {
    pause_.Begin(ToString(reads.error()));
    return views;
  }
  for (const Read& read : *reads) {
    views.emplace(read.at, read.claim ? Expect(read.claim->token) : Expect(Nobody{}));
  }
  return views;
}

Answers<Outcome> DualStore::Commit(std::string_view group,
                                   std::span<const Move> moves,
                                   const Owner& by,
                                   Atomicity atomicity,
                                   Deadline deadline) {
  auto outcomes = primary_->Commit(group, moves, by, atomicity, deadline);
  if (!outcomes) return outcomes;
  std::vector<Move> sets;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const Outcome& outcome = (*outcomes)[i];
    if (outcome.code == OutcomeCode::kFenced && moves[i].claim) {
      ledger_.Forget(group, moves[i].at, *moves[i].claim);
    }
    if (!outcome.Ok()) continue;
    if (moves[i].kind != Kind::kSet) {
      ledger_.NoteMove(group, moves[i], by);
      continue;
    }
    Move& set = sets.emplace_back(moves[i]);
    set.expect = Any{};
    set.from.reset();
  }
  const auto write = [&](Deadline until) {
    return secondary_->Commit(group, sets, by, Atomicity::kEach, until);
  };
  Override(group, sets, Late(deadline), write);
  Pay(group, Late(deadline));
  return outcomes;
}

Answers<Outcome> DualStore::Release(std::string_view group,
                                    std::span<const Claimed> claims,
                                    Deadline deadline) {
  // Under a released claim nothing can be paid any more.
  Pay(group, Early(deadline));
  auto outcomes = primary_->Release(group, claims, deadline);
  if (!outcomes) return outcomes;
  std::vector<Claimed> released;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const Outcome& outcome = (*outcomes)[i];
    if (outcome.Ok()) released.push_back(claims[i]);
    if (outcome.code == OutcomeCode::kFenced) {
      ledger_.Forget(group, claims[i].at, claims[i].token);
    }
  }
  const std::vector<Claimed> own = ledger_.TakeReleased(group, released);
  if (own.empty() || pause_.Lasts()) return outcomes;
  // A claim that stays there is no drift: the next owner's follows it.
  const auto rest = secondary_->Release(group, own, Early(deadline));
  if (!rest) pause_.Begin(ToString(rest.error()));
  return outcomes;
}

Answers<Outcome> DualStore::Remove(std::string_view group,
                                   std::span<const Removal> removals,
                                   const Owner& by,
                                   Deadline deadline) {
  auto outcomes = primary_->Remove(group, removals, by, deadline);
  if (!outcomes) return outcomes;
  std::vector<Removal> gone;
  for (std::size_t i = 0; i < removals.size(); ++i) {
    if ((*outcomes)[i].Ok()) gone.push_back({removals[i].at, Any{}, {}});
  }
  Override(group, gone, Late(deadline), [&](Deadline until) {
    return secondary_->Remove(group, gone, by, until);
  });
  return outcomes;
}

Status DualStore::Close(Deadline deadline) {
  for (const std::string& group : ledger_.Groups()) Pay(group, Early(deadline));
  Status closed = primary_->Close(deadline);
  if (const Status rest = secondary_->Close(Late(deadline)); !rest) {
    Drift drift;
    drift.why = ToString(rest.error());
    Tell({std::move(drift)});
  }
  return closed;
}

void DualStore::Pay(std::string_view group, Deadline deadline) {
  if (!ledger_.Owes(group)) return;
  Drifts drifts;
  std::optional<std::string> why = pause_.Lasts();
  if (!why && !turn_.Enter(deadline)) why = "another call was still writing to it";
  if (why) {
    ledger_.FailAll(group, *why, drifts);
    return Tell(drifts);
  }
  {
    const internal::TurnEnd end(turn_);
    std::vector<Debt> debts = ledger_.Debts(group);
    const Owner by = ledger_.OwnerOf(group);
    internal::DualPayment payment(*primary_, *secondary_, group, by, deadline);
    if (!debts.empty()) payment.Pay(debts);
    if (payment.away()) {
      pause_.Begin(*payment.away());
    } else {
      pause_.End();
    }
    ledger_.Settle(group, debts, drifts);
  }
  Tell(drifts);
}

template <class Request, class Write>
void DualStore::Override(std::string_view group,
                         const std::vector<Request>& requests,
                         Deadline deadline,
                         Write write) {
  if (requests.empty()) return;
  std::optional<std::string> why = pause_.Lasts();
  Answers<Outcome> outcomes = std::vector<Outcome>{};
  if (!why) outcomes = write(deadline);
  if (!outcomes) {
    why = ToString(outcomes.error());
    pause_.Begin(*why);
  }
  Drifts drifts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::optional<Debt::Note> failure;
    if (why) {
      failure = Debt::Note{Drift::Kind::kFailed, *why};
    } else if (const Outcome& outcome = (*outcomes)[i]; !outcome.Ok()) {
      failure = Debt::Note{
          Drift::Kind::kFailed,
          outcome.error ? ToString(*outcome.error) : std::string(ToString(outcome.code))};
    }
    ledger_.NoteOverride(group, requests[i].at, PositionIn(requests[i]), failure, drifts);
  }
  Tell(drifts);
}

void DualStore::Tell(const Drifts& drifts) {
  for (const Drift& drift : drifts) {
    if (options_.metrics != nullptr) {
      const std::string kind = internal::KindLabel(ToString(drift.kind));
      const std::array labels = {MetricLabel{"store", label_}, MetricLabel{"kind", kind}};
      options_.metrics->Count({internal::kDualDrift, labels}, 1);
    }
    if (options_.on_drift) options_.on_drift(drift);
  }
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> JoinStores(std::unique_ptr<OffsetStore> primary,
                                                std::unique_ptr<OffsetStore> secondary,
                                                DualOptions options) {
  const StoreInfo& a = primary->Info();
  const StoreInfo& b = secondary->Info();
  if (a.scheme == b.scheme && a.store_id == b.store_id && a.space == b.space) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "primary and secondary are the same store, " + Named(a) +
                         ": each claim on one would fence the other");
  }
  return WithContext(
      std::make_unique<DualStore>(std::move(primary), std::move(secondary), std::move(options)));
}

}  // namespace offsetstore
