// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/metered.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "offsetstore/forwarding_store.h"

namespace offsetstore {
namespace {

constexpr std::array kOutcomes = {OutcomeCode::kApplied,
                                  OutcomeCode::kAppliedBelowDurability,
                                  OutcomeCode::kAlreadyApplied,
                                  OutcomeCode::kFenced,
                                  OutcomeCode::kConflict,
                                  OutcomeCode::kNotApplied,
                                  OutcomeCode::kFailed};
constexpr std::array<std::string_view, 3> kSlots = {"absent", "entry", "unreadable"};

// The series of one operation. Names are made once: a call allocates none.
class Series {
 public:
  Series(Metrics& metrics, const std::string& prefix, std::string_view operation)
      : metrics_(metrics), base_(prefix + '_' + std::string(operation) + '_') {
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
      outcomes_[i] = base_ + std::string(ToString(kOutcomes[i])) + "_total";
    }
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
      slots_[i] = base_ + std::string(kSlots[i]) + "_total";
    }
  }

  template <class Call>
  [[nodiscard]] auto Measure(Call call) const {
    const auto start = std::chrono::steady_clock::now();
    auto result = call();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    metrics_.Observe(seconds_, seconds.count());
    if (!result) metrics_.Count(errors_, 1);
    return result;
  }

  template <class Call>
  [[nodiscard]] auto MeasureAnswers(Call call) const {
    auto answers = Measure(std::move(call));
    if (answers) Count(*answers);
    return answers;
  }

 private:
  void Count(const std::vector<Read>& reads) const {
    std::array<std::uint64_t, kSlots.size()> counts{};
    for (const Read& read : reads) ++counts[read.slot.index()];
    Report(slots_, counts);
  }
  void Count(const std::vector<Outcome>& outcomes) const {
    std::array<std::uint64_t, kOutcomes.size()> counts{};
    for (const Outcome& outcome : outcomes) ++counts[static_cast<std::size_t>(outcome.code)];
    Report(outcomes_, counts);
  }
  void Count(const std::vector<ClaimAnswer>& claims) const {
    std::array<std::uint64_t, kOutcomes.size()> counts{};
    for (const ClaimAnswer& claim : claims) ++counts[static_cast<std::size_t>(claim.outcome.code)];
    Report(outcomes_, counts);
  }

  template <std::size_t kCount>
  void Report(const std::array<std::string, kCount>& names,
              const std::array<std::uint64_t, kCount>& counts) const {
    for (std::size_t i = 0; i < kCount; ++i) {
      if (counts[i] > 0) metrics_.Count(names[i], counts[i]);
    }
  }

  Metrics& metrics_;
  std::string base_;
  std::string seconds_ = base_ + "seconds";
  std::string errors_ = base_ + "errors_total";
  std::array<std::string, kOutcomes.size()> outcomes_;
  std::array<std::string, kSlots.size()> slots_;
};

class MeteredStore final : public ForwardingStore {
 public:
  MeteredStore(std::unique_ptr<OffsetStore> below, Metrics& metrics, const std::string& prefix)
      : ForwardingStore(std::move(below)),
        list_groups_(metrics, prefix, "list_groups"),
        fetch_(metrics, prefix, "fetch"),
        claim_(metrics, prefix, "claim"),
        commit_(metrics, prefix, "commit"),
        release_(metrics, prefix, "release"),
        remove_(metrics, prefix, "remove"),
        close_(metrics, prefix, "close") {}

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
    return commit_.MeasureAnswers(
        [&] { return below().Commit(group, moves, by, atomicity, deadline); });
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
  Series list_groups_;
  Series fetch_;
  Series claim_;
  Series commit_;
  Series release_;
  Series remove_;
  Series close_;
};

}  // namespace

std::unique_ptr<OffsetStore> WithMetrics(std::unique_ptr<OffsetStore> below,
                                         Metrics& metrics,
                                         const std::string& prefix) {
  return std::make_unique<MeteredStore>(std::move(below), metrics, prefix);
}

}  // namespace offsetstore
