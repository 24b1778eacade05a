// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/context.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "internal/macros.h"
#include "internal/operations.h"
#include "internal/rules.h"
#include "internal/validate.h"
#include "offsetstore/forwarding_store.h"

namespace offsetstore {
namespace {

// Names the call that an error belongs to.
class Naming {
 public:
  Naming(const StoreInfo& info, std::string_view operation, std::optional<std::string_view> group)
      : info_(info), operation_(operation), group_(group) {}

  [[nodiscard]] Error operator()(Error error) const {
    Fill(error);
    return error;
  }
  [[nodiscard]] Result<GroupPage> operator()(Result<GroupPage> page) const {
    if (!page) return (*this)(std::move(page).error());
    return page;
  }
  template <class Answer>
  [[nodiscard]] Answers<Answer> operator()(Answers<Answer> answers) const {
    if (!answers) return (*this)(std::move(answers).error());
    for (Answer& answer : *answers) Fill(answer);
    return answers;
  }

 private:
  void Fill(Error& error) const {
    if (error.scheme.empty()) error.scheme = info_.scheme;
    if (error.operation.empty()) error.operation = operation_;
    const auto is_group = [](const auto& pair) { return pair.first == "group"; };
    const bool has_group = std::any_of(error.context.begin(), error.context.end(), is_group);
    if (group_ && !has_group) error.With("group", std::string(*group_));
  }
  void Fill(Slot& slot) const {
    if (auto* error = std::get_if<Error>(&slot)) Fill(*error);
  }
  void Fill(Read& read) const { Fill(read.slot); }
  void Fill(Outcome& outcome) const {
    if (outcome.error) Fill(*outcome.error);
  }
  void Fill(ClaimAnswer& answer) const {
    Fill(answer.outcome);
    Fill(answer.slot);
  }

  const StoreInfo& info_;
  std::string_view operation_;
  std::optional<std::string_view> group_;
};

Error WrongCount(std::size_t wanted, std::size_t got) {
  Error error = MakeError(ErrorCode::kInternal,
                          "the backend answered " + std::to_string(got) + " of " +
                              std::to_string(wanted) + " partitions; its answers are not used");
  error.retry = Retry::kAfterNewClaim;
  return error;
}

Error Closed() {
  Error error = MakeError(ErrorCode::kUnavailable, "the store was closed");
  error.retry = Retry::kNever;
  return error;
}

Status CheckDeadline(Deadline deadline) {
  if (!deadline.Passed()) return {};
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "the deadline had passed before the call; nothing was sent");
}

ClaimAnswer FailedClaim(const TopicPartition& at, const Error& error) {
  return {.outcome = internal::Failed(at, error), .token = {}, .slot = Absent{}, .previous = {}};
}

Outcome FailedOutcome(const TopicPartition& at, const Error& error) {
  return internal::Failed(at, error);
}

class ContextStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    const Naming named(Info(), internal::kListGroups, std::nullopt);
    if (closing_) return named(Closed());
    if (auto fine = internal::CheckPage(Info(), page); !fine) {
      return named(std::move(fine).error());
    }
    if (auto early = CheckDeadline(deadline); !early) return named(std::move(early).error());
    return named(below().ListGroups(page, deadline));
  }

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    const Naming named(Info(), internal::kFetch, group);
    if (auto fine = Check(group, internal::CheckSelection(Info(), selection)); !fine) {
      return named(std::move(fine).error());
    }
    if (auto early = CheckDeadline(deadline); !early) return named(std::move(early).error());
    auto reads = below().Fetch(group, selection, deadline);
    if (reads && reads->size() < selection.partitions.size()) {
      return named(WrongCount(selection.partitions.size(), reads->size()));
    }
    return named(std::move(reads));
  }

  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override {
    return Write<ClaimAnswer>(
        {internal::kClaim, group, deadline},
        requests,
        internal::CheckClaims(Info(), requests),
        [&] { return below().Claim(group, requests, by, deadline); },
        &FailedClaim);
  }

  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    return Write<Outcome>(
        {internal::kCommit, group, deadline},
        moves,
        internal::CheckMoves(Info(), moves, atomicity),
        [&] { return below().Commit(group, moves, by, atomicity, deadline); },
        &FailedOutcome);
  }

  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override {
    return Write<Outcome>(
        {internal::kRelease, group, deadline},
        claims,
        internal::CheckReleases(Info(), claims),
        [&] { return below().Release(group, claims, deadline); },
        &FailedOutcome);
  }

  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override {
    return Write<Outcome>(
        {internal::kRemove, group, deadline},
        removals,
        internal::CheckRemovals(Info(), removals),
        [&] { return below().Remove(group, removals, by, deadline); },
        &FailedOutcome);
  }

  // A close that failed may be made again; all else is refused from the first one on.
  [[nodiscard]] Status Close(Deadline deadline) override {
    const Naming named(Info(), "close", std::nullopt);
    if (closed_) return named(Closed());
    closing_ = true;
    if (Status status = below().Close(deadline); !status) {
      return named(std::move(status).error());
    }
    closed_ = true;
    return {};
  }

 private:
  struct Call {
    std::string_view operation;
    std::string_view group;
    Deadline deadline;
  };

  [[nodiscard]] Status Check(std::string_view group, Status requests) const {
    if (closing_) return Closed();
    OS_RETURN_IF_ERROR(internal::CheckGroup(Info(), group));
    return requests;
  }

  template <class Answer, class Request, class Send, class Fail>
  [[nodiscard]] Answers<Answer> Write(
      const Call& call, std::span<const Request> requests, Status valid, Send send, Fail fail) {
    const Naming named(Info(), call.operation, call.group);
    if (auto fine = Check(call.group, std::move(valid)); !fine) {
      return named(std::move(fine).error());
    }
    if (requests.empty()) return std::vector<Answer>{};
    if (auto early = CheckDeadline(call.deadline); !early) return named(std::move(early).error());
    Answers<Answer> answers = send();
    if (answers && answers->size() != requests.size()) {
      // Something was sent, so this is no error of the whole call.
      const Error error = WrongCount(requests.size(), answers->size());
      answers->clear();
      for (const Request& request : requests) answers->push_back(fail(request.at, error));
    }
    return named(std::move(answers));
  }

  std::atomic<bool> closing_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace

std::unique_ptr<OffsetStore> WithContext(std::unique_ptr<OffsetStore> below) {
  return std::make_unique<ContextStore>(std::move(below));
}

}  // namespace offsetstore
