// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/metered.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/metric_names.h"
#include "internal/operations.h"
#include "offsetstore/forwarding_store.h"

namespace offsetstore {
namespace {

constexpr std::array<std::string_view, 3> kSlots = {"absent", "entry", "unreadable"};
constexpr std::size_t kOutcomes = static_cast<std::size_t>(OutcomeCode::kFailed) + 1;
// One more than there are codes: in doubt is told apart from other failures.
constexpr std::size_t kInDoubtKind = kOutcomes;

using Slots = std::array<std::uint64_t, kSlots.size()>;
using Kinds = std::array<std::uint64_t, kOutcomes + 1>;

std::size_t KindOf(const Outcome& outcome) {
  const bool in_doubt = outcome.code == OutcomeCode::kFailed && outcome.error &&
                        outcome.error->code == ErrorCode::kInDoubt;
  return in_doubt ? kInDoubtKind : static_cast<std::size_t>(outcome.code);
}

std::string_view NameOf(std::size_t kind) {
  return kind == kInDoubtKind ? "in_doubt" : ToString(static_cast<OutcomeCode>(kind));
}

// The series of one operation. A call allocates nothing for them.
class OperationMeter {
 public:
  OperationMeter(Metrics& metrics, Metered what, std::string store, std::string_view operation)
      : metrics_(metrics), what_(what), store_(std::move(store)), operation_(operation) {}

  void AnnounceReads() const {
    if (what_ == Metered::kCalls) Report(Slots{}, Zero::kTold);
  }
  void AnnounceWrites() const {
    if (what_ == Metered::kAttempts) return;
    Report(Kinds{}, Zero::kTold);
    Count(internal::kInDoubt, {}, {}, 0);
  }

  template <class Call>
  [[nodiscard]] auto Measure(Call call) const {
    const auto start = std::chrono::steady_clock::now();
    auto result = call();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const std::array labels = {MetricLabel{"store", store_}, MetricLabel{"operation", operation_}};
    if (what_ == Metered::kAttempts) {
      metrics_.Observe({internal::kAttemptSeconds, labels}, seconds.count());
      return result;
    }
    metrics_.Observe({internal::kOperationSeconds, labels}, seconds.count());
    if (!result) CountError(result.error());
    return result;
  }

  template <class Call>
  [[nodiscard]] auto MeasureAnswers(Call call) const {
    auto answers = Measure(std::move(call));
    if (answers && what_ == Metered::kCalls) CountEach(*answers);
    return answers;
  }

  // The store acknowledged at its declared level: what it applied below that may still be lost.
  void NoteCommit(const Answers<Outcome>& outcomes) const {
    if (what_ == Metered::kAttempts || !outcomes) return;
    const bool durable = std::any_of(outcomes->begin(), outcomes->end(), [](const Outcome& one) {
      return one.code == OutcomeCode::kApplied;
    });
    if (!durable) return;
    const std::chrono::duration<double> now = Now().time_since_epoch();
    const std::array labels = {MetricLabel{"store", store_}};
    metrics_.Set({internal::kLastDurableCommit, labels}, now.count());
  }

 private:
  enum class Zero : std::uint8_t { kSilent, kTold };

  void CountError(const Error& error) const {
    Count(internal::kOperationErrors, "code", ToString(error.code), 1);
    if (error.code == ErrorCode::kInDoubt) Count(internal::kInDoubt, {}, {}, 1);
  }

  void CountEach(const std::vector<Read>& reads) const {
    Slots counts{};
    for (const Read& read : reads) ++counts[read.slot.index()];
    Report(counts, Zero::kSilent);
  }
  void CountEach(const std::vector<Outcome>& outcomes) const {
    Kinds counts{};
    for (const Outcome& outcome : outcomes) ++counts[KindOf(outcome)];
    ReportWrites(counts);
  }
  void CountEach(const std::vector<ClaimAnswer>& claims) const {
    Kinds counts{};
    for (const ClaimAnswer& claim : claims) ++counts[KindOf(claim.outcome)];
    ReportWrites(counts);
  }
  void ReportWrites(const Kinds& counts) const {
    Report(counts, Zero::kSilent);
    const std::uint64_t in_doubt = counts[kInDoubtKind];
    if (in_doubt > 0) Count(internal::kInDoubt, {}, {}, in_doubt);
  }

  template <std::size_t kKinds>
  void Report(const std::array<std::uint64_t, kKinds>& counts, Zero zero) const {
    for (std::size_t i = 0; i < kKinds; ++i) {
      if (counts[i] == 0 && zero == Zero::kSilent) continue;
      const std::string_view outcome =
          kKinds == kSlots.size() ? kSlots[i % kSlots.size()] : NameOf(i);
      Count(internal::kPartitions, "outcome", outcome, counts[i]);
    }
  }

  // With a label of its own beside store and operation, where `label` is not empty.
  void Count(std::string_view name,
             std::string_view label,
             std::string_view value,
             std::uint64_t by) const {
    const std::array labels = {MetricLabel{"store", store_},
                               MetricLabel{"operation", operation_},
                               MetricLabel{label, value}};
    metrics_.Count({name, std::span(labels).first(label.empty() ? 2 : 3)}, by);
  }

  Metrics& metrics_;
  Metered what_;
  std::string store_;
  std::string_view operation_;
};

class MeteredStore final : public ForwardingStore {
 public:
  MeteredStore(std::unique_ptr<OffsetStore> below, Metrics& metrics, Metered what)
      : ForwardingStore(std::move(below)),
        list_groups_(Meter(metrics, what, internal::kListGroups)),
        fetch_(Meter(metrics, what, internal::kFetch)),
        claim_(Meter(metrics, what, internal::kClaim)),
        commit_(Meter(metrics, what, internal::kCommit)),
        release_(Meter(metrics, what, internal::kRelease)),
        remove_(Meter(metrics, what, internal::kRemove)),
        close_(Meter(metrics, what, "close")) {
    fetch_.AnnounceReads();
    for (const auto* write : {&claim_, &commit_, &release_, &remove_}) write->AnnounceWrites();
  }

  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    return list_groups_.Measure([&] { return below().ListGroups(page, deadline); });
  }
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    return fetch_.MeasureAnswers([&] { return below().Fetch(group, selection, deadline); });
  }
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override {
    return claim_.MeasureAnswers([&] { return below().Claim(group, requests, by, deadline); });
  }
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    auto outcomes = commit_.MeasureAnswers(
        [&] { return below().Commit(group, moves, by, atomicity, deadline); });
    commit_.NoteCommit(outcomes);
    return outcomes;
  }
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override {
    return release_.MeasureAnswers([&] { return below().Release(group, claims, deadline); });
  }
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override {
    return remove_.MeasureAnswers([&] { return below().Remove(group, removals, by, deadline); });
  }
  [[nodiscard]] Status Close(Deadline deadline) override {
    return close_.Measure([&] { return below().Close(deadline); });
  }

 private:
  [[nodiscard]] OperationMeter Meter(Metrics& metrics, Metered what, std::string_view operation) {
    return {metrics, what, internal::StoreLabel(below().Info()), operation};
  }

  const OperationMeter list_groups_;
  const OperationMeter fetch_;
  const OperationMeter claim_;
  const OperationMeter commit_;
  const OperationMeter release_;
  const OperationMeter remove_;
  const OperationMeter close_;
};

}  // namespace

std::unique_ptr<OffsetStore> WithMetrics(std::unique_ptr<OffsetStore> below,
                                         Metrics& metrics,
                                         Metered what) {
  return std::make_unique<MeteredStore>(std::move(below), metrics, what);
}

}  // namespace offsetstore
