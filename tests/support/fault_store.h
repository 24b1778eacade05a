// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "offsetstore/forwarding_store.h"

namespace offsetstore::testing {

/// A door at which calls stop until a test opens it; for a minute at most, so that a test that
/// failed before it did so ends.
class Gate {
 public:
  void Pass();
  /// Lets everybody through, now and later.
  void Open();
  /// Waits until `count` calls have come to the door, at most `bound`; returns whether they did.
  [[nodiscard]] bool WaitForArrivals(std::size_t count,
                                     Duration bound = std::chrono::seconds(10)) const;

 private:
  mutable std::mutex mutex_;  // Guards all below.
  mutable std::condition_variable changed_;
  std::size_t arrivals_ = 0;
  bool open_ = false;
};

/// What one call meets.
struct Fault {
  enum class Effect {
    kNone,            ///< The call goes through.
    kFailCall,        ///< The whole call is refused with `error`: nothing is sent.
    kFailPartitions,  ///< `only` fail with `error` and are not sent, the others are.
    kInDoubtApplied,  ///< All is sent; `only` answer `InDoubt` although the store applied them.
    kInDoubtLost,     ///< `only` answer `InDoubt` and are never sent.
    kInDoubtLate,     ///< `only` answer `InDoubt`; `FaultStore::ApplyLate` sends them.
  };
  Effect effect = Effect::kNone;
  Error error;
  std::vector<TopicPartition> only;  ///< Empty: every partition of the call.
  std::shared_ptr<Gate> before;      ///< The call stops here first.
  std::shared_ptr<Gate> after;       ///< And here, when the store below has answered.
  int calls = 1;                     ///< How many calls in a row meet it.

  Fault& Times(int count) {
    calls = count;
    return *this;
  }
};

/// For `Fault::calls`: all that follow.
inline constexpr int kForever = -1;

[[nodiscard]] Fault PassThrough(int calls = 1);
[[nodiscard]] Fault FailCall(ErrorCode code, std::string message = "injected");
[[nodiscard]] Fault FailPartitions(ErrorCode code, std::vector<TopicPartition> only = {});
[[nodiscard]] Fault InDoubtApplied(std::vector<TopicPartition> only = {});
[[nodiscard]] Fault InDoubtLost(std::vector<TopicPartition> only = {});
[[nodiscard]] Fault InDoubtLate(std::vector<TopicPartition> only = {});
[[nodiscard]] Fault BlockBefore(std::shared_ptr<Gate> gate);
[[nodiscard]] Fault BlockAfter(std::shared_ptr<Gate> gate);

/// A store that fails by script and forwards otherwise. Each operation has its own queue of faults;
/// a call takes the next one. In-doubt effects are for writes. Under `Atomicity::kAll` a batch
/// stays whole: a failed partition turns the others into `kNotApplied`, and doubt covers them all.
/// Threads: all calls may overlap.
class FaultStore final : public ForwardingStore {
 public:
  enum class Op { kListGroups, kFetch, kClaim, kCommit, kRelease, kRemove, kClose };

  /// One call as it came in.
  struct Call {
    Op op = Op::kFetch;
    std::string group;
    std::vector<TopicPartition> partitions;
    std::vector<ClaimRequest> requests;  ///< `kClaim` only.
    std::vector<Move> moves;             ///< `kCommit` only.
    Atomicity atomicity = Atomicity::kEach;
  };

  /// `info` stands in for that of the store below (fewer capabilities, smaller limits).
  explicit FaultStore(std::unique_ptr<OffsetStore> below, std::optional<StoreInfo> info = {})
      : ForwardingStore(std::move(below)), info_(std::move(info)) {}

  /// Adds to the queue of `op`.
  void Script(Op op, Fault fault);
  /// Forgets what the calls to come would have met.
  void Clear();
  /// While down every call but `Close` is `Unavailable`; the queues stay as they are.
  void SetDown(bool down);
  /// Sends what `kInDoubtLate` kept back, in order; returns how the store below answered.
  std::vector<Outcome> ApplyLate();

  [[nodiscard]] std::size_t Calls(Op op) const;
  /// Every call so far, in order, also those that failed.
  [[nodiscard]] std::vector<Call> History() const;
  /// Waits until `op` was called `count` times in all, at most `bound`; returns whether it was.
  [[nodiscard]] bool WaitForCalls(Op op,
                                  std::size_t count,
                                  Duration bound = std::chrono::seconds(10)) const;

  [[nodiscard]] const StoreInfo& Info() const noexcept override;
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
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
  static constexpr std::size_t kOps = 7;
  using Late = std::function<std::vector<Outcome>()>;

  /// Notes the call, takes its fault and stops at the gate before.
  Fault Begin(Call call);

  template <class Answer, class Request, class Send>
  Answers<Answer> Run(Call call, std::span<const Request> requests, Deadline deadline, Send send);
  template <class Answer, class Request, class Send>
  Answers<Answer> Spoil(const Fault& fault,
                        std::span<const Request> requests,
                        Deadline deadline,
                        Send send);

  const std::optional<StoreInfo> info_;
  mutable std::mutex mutex_;  // Guards all below.
  mutable std::condition_variable called_;
  std::array<std::deque<Fault>, kOps> scripts_;
  std::array<std::size_t, kOps> counts_{};
  std::vector<Call> history_;
  std::vector<Late> late_;
  bool down_ = false;
};

}  // namespace offsetstore::testing
