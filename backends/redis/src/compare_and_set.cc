// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "compare_and_set.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "group_read.h"
#include "internal/macros.h"
#include "value.h"

namespace offsetstore::redis {
namespace {

/// A field to compare and write: of which request, what it must hold, what it gets.
struct Change {
  std::size_t request = 0;
  std::string field;
  std::string expected;
  std::string value;  // empty: it is compared only
  int positions = 0;  // how many more there are then
};

class Attempt {
 public:
  Attempt(std::span<const TopicPartition> partitions,
          const Decide& decide,
          Atomicity atomicity,
          const WritePromise& promise)
      : partitions_(partitions),
        decide_(decide),
        atomicity_(atomicity),
        promise_(promise),
        results_(partitions.size()),
        open_(partitions.size()) {
    std::iota(open_.begin(), open_.end(), std::size_t{0});
  }

  [[nodiscard]] bool IsDone() const { return open_.empty(); }
  [[nodiscard]] bool IsFirst() const { return open_.size() == partitions_.size() && !wrote_; }

  [[nodiscard]] std::vector<TopicPartition> OpenPartitions() const {
    std::vector<TopicPartition> open;
    open.reserve(open_.size());
    for (const std::size_t request : open_) open.push_back(partitions_[request]);
    return open;
  }

  /// Decides all that is open; what the server has no part in is done.
  void DecideAll(const std::vector<Raw>& stored) {
    changes_.clear();
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (DecideOne(open_[i], stored[i])) open.push_back(open_[i]);
    }
    open_ = std::move(open);
    if (atomicity_ != Atomicity::kAll) return;
    if (!RefuseUnlessAll() || !HasPart()) open_.clear();
  }

  void Write(Link& link, const Layout& layout, std::string_view group, Deadline deadline) {
    const auto add = [this](Command& call, std::size_t i) {
      const Change& change = changes_[i];
      call.Add(change.field);
      call.Add(change.expected);
      call.Add(change.value);
      call.Add(std::to_string(change.positions));
    };
    wrote_ = true;
    const BatchAnswers answers = RunBatch(link,
                                          layout,
                                          promise_,
                                          {.script = Script::kCompareAndSet,
                                           .group = group,
                                           .atomicity = atomicity_,
                                           .common = {},
                                           .items = changes_.size(),
                                           .add = add},
                                          deadline);
    open_.clear();
    for (std::size_t i = 0; i < changes_.size(); ++i) Settle(changes_[i].request, answers, i);
  }

  /// Ends what is open.
  void GiveUp(const Error& error) {
    for (const std::size_t request : open_) Fail(request, error);
    open_.clear();
  }

  [[nodiscard]] std::vector<Decided> Take() { return std::move(results_); }

 private:
  /// Returns whether the server has a part in it.
  bool DecideOne(std::size_t request, const Raw& stored) {
    Decided& result = results_[request];
    result.before = internal::NoRecord();
    if (stored) {
      Result<internal::Record> record = ToRecord(*stored);
      if (!record) {
        Error error = std::move(record).error();
        Fail(request, error.With("field", FieldOf(partitions_[request])));
        return false;
      }
      result.before = *std::move(record);
    }
    result.decision = decide_(request, result.before);
    if (result.decision.next) return AddWrite(request, stored);
    if (!result.decision.outcome.Ok() || !IsCompared(stored)) return false;
    changes_.push_back({.request = request,
                        .field = FieldOf(partitions_[request]),
                        .expected = stored.value_or(std::string()),
                        .value = {}});
    return true;
  }

  bool AddWrite(std::size_t request, const Raw& stored) {
    const Decided& result = results_[request];
    Result<std::string> value = ToValue(*result.decision.next);
    if (!value) {
      Fail(request, value.error());
      return false;
    }
    const int before = result.before.entry ? 1 : 0;
    const int after = result.decision.next->entry ? 1 : 0;
    changes_.push_back({.request = request,
                        .field = FieldOf(partitions_[request]),
                        .expected = stored.value_or(std::string()),
                        .value = *std::move(value),
                        .positions = after - before});
    return true;
  }

  /// Whether what is fine without a write goes to the server: in a batch of all or nothing it must
  /// still be so when the others are written, and replicas are waited for behind a script only.
  [[nodiscard]] bool IsCompared(const Raw& stored) const {
    return atomicity_ == Atomicity::kAll || (promise_.replicas > 0 && stored);
  }

  /// Whether the server has a part in a batch of all or nothing that is fine as it was read.
  [[nodiscard]] bool HasPart() const {
    const auto writes = [](const Change& change) { return !change.value.empty(); };
    return promise_.replicas > 0 || std::any_of(changes_.begin(), changes_.end(), writes);
  }

  void Settle(std::size_t request, const BatchAnswers& answers, std::size_t i) {
    if (const Error* error = std::get_if<Error>(&answers.items[i])) {
      Fail(request, *error);
      return;
    }
    if (IsInteger(*std::get<const redisReply*>(answers.items[i]), 0)) {
      open_.push_back(request);
      return;
    }
    if (!answers.below) return;
    // What was there already may be what too few replicas have.
    Outcome& outcome = results_[request].decision.outcome;
    outcome.code = OutcomeCode::kAppliedBelowDurability;
    outcome.error = answers.below;
  }

  void Fail(std::size_t request, Error error) {
    results_[request].decision = {internal::Failed(partitions_[request], std::move(error)), {}};
  }

  /// Turns what was fine into `kNotApplied` where anything is not.
  bool RefuseUnlessAll() {
    const auto fine = [](const Decided& one) { return one.decision.outcome.Ok(); };
    if (std::all_of(results_.begin(), results_.end(), fine)) return true;
    for (Decided& one : results_) {
      if (fine(one)) one.decision.outcome.code = OutcomeCode::kNotApplied;
    }
    return false;
  }

  std::span<const TopicPartition> partitions_;
  const Decide& decide_;
  Atomicity atomicity_;
  const WritePromise& promise_;
  std::vector<Decided> results_;
  std::vector<std::size_t> open_;  // requests without an answer
  std::vector<Change> changes_;
  bool wrote_ = false;
};

}  // namespace

Answers<Decided> CompareAndSet(Link& link,
                               const Layout& layout,
                               const WritePromise& promise,
                               std::string_view group,
                               std::span<const TopicPartition> partitions,
                               const Decide& decide,
                               Atomicity atomicity,
                               Deadline deadline) {
  Attempt attempt(partitions, decide, atomicity, promise);
  while (!attempt.IsDone()) {
    const auto stored = ReadFields(link, layout, group, attempt.OpenPartitions(), deadline);
    if (!stored && attempt.IsFirst()) return stored.error();
    if (!stored) {
      attempt.GiveUp(stored.error());
      break;
    }
    attempt.DecideAll(*stored);
    if (attempt.IsDone()) break;
    attempt.Write(link, layout, group, deadline);
    if (!attempt.IsDone() && deadline.Passed()) {
      attempt.GiveUp(MakeError(ErrorCode::kDeadlineExceeded,
                               "others changed the partition until the deadline; it was not "
                               "written"));
    }
  }
  return attempt.Take();
}

}  // namespace offsetstore::redis
