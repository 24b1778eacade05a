// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/layers/retry.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/metric_names.h"
#include "internal/operations.h"
#include "internal/rules.h"
#include "offsetstore/forwarding_store.h"

namespace offsetstore {
namespace {

bool IsSafe(const Error& error) {
  return error.retry == Retry::kSafe && error.code != ErrorCode::kInDoubt;
}

bool IsSafe(const Read& read) {
  const auto* error = std::get_if<Error>(&read.slot);
  return error != nullptr && IsSafe(*error);
}

bool IsSafe(const Outcome& outcome) {
  return outcome.code == OutcomeCode::kFailed && outcome.error && IsSafe(*outcome.error);
}

bool IsSafe(const ClaimAnswer& answer) {
  return IsSafe(answer.outcome);
}

// A batch may be sent again only where nothing of it can have been applied and nothing but what
// passes by itself stood in its way.
bool IsSafe(const std::vector<Outcome>& batch) {
  const auto passes = [](const Outcome& outcome) { return IsSafe(outcome); };
  return std::any_of(batch.begin(), batch.end(), passes) &&
         std::all_of(batch.begin(), batch.end(), [&](const Outcome& outcome) {
           return outcome.code == OutcomeCode::kNotApplied || passes(outcome);
         });
}

// Gives a partition the error of the repeated call, which was not sent at all.
void Replace(Read& read, const Error& error) {
  read.slot = error;
}

void Replace(Outcome& outcome, const Error& error) {
  outcome = internal::Failed(std::move(outcome.at), error);
}

void Replace(ClaimAnswer& answer, const Error& error) {
  Replace(answer.outcome, error);
}

// Random enough to keep clients that failed together from coming back together.
class Jitter {
 public:
  Jitter() : state_(Seed()) {}

  // From a half of `wait` to all of it.
  Duration operator()(Duration wait) {
    const auto full = static_cast<std::uint64_t>(wait.count());
    return Duration(static_cast<std::int64_t>(full - Next() % (full / 2 + 1)));
  }

 private:
  static std::uint64_t Seed() {
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : Nonce::Random().bytes) {
      seed = (seed << 8U) ^ (seed >> 56U) ^ byte;
    }
    return seed;
  }

  // splitmix64: its state is a counter, so threads share it without a lock.
  std::uint64_t Next() {
    std::uint64_t x = state_.fetch_add(0x9E3779B97F4A7C15U, std::memory_order_relaxed);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }

  std::atomic<std::uint64_t> state_;
};

// Where the attempts of one operation are counted; without metrics nowhere.
struct Tally {
  Metrics* metrics;
  const std::string& store;
  std::string_view operation;

  void Add(std::uint64_t by) const {
    if (metrics == nullptr) return;
    const std::array labels = {MetricLabel{"store", store}, MetricLabel{"operation", operation}};
    metrics->Count({internal::kRetries, labels}, by);
  }
};

// The attempts of one call.
class Attempts {
 public:
  Attempts(const RetryPolicy& policy, Clock& clock, Jitter& jitter, Tally tally, Deadline deadline)
      : policy_(policy),
        clock_(clock),
        jitter_(jitter),
        tally_(tally),
        deadline_(deadline),
        wait_(std::max(std::min(policy.backoff, policy.backoff_max), Duration::zero())) {}

  // Waits for the next attempt. False where there is none: the attempts are used up, or the
  // deadline comes before it.
  [[nodiscard]] bool Wait() {
    if (++made_ >= policy_.attempts) return false;
    const Duration wait = jitter_(wait_);
    const auto now = clock_.Now();
    if (now >= deadline_.time() || wait >= deadline_.time() - now) return false;
    clock_.SleepUntil(now + wait);
    wait_ = wait_ > policy_.backoff_max / 2 ? policy_.backoff_max : wait_ * 2;
    tally_.Add(1);
    return true;
  }

 private:
  const RetryPolicy& policy_;
  Clock& clock_;
  Jitter& jitter_;
  Tally tally_;
  Deadline deadline_;
  Duration wait_;
  int made_ = 0;
};

template <class Call>
auto Whole(Attempts& attempts, Call call) {
  auto result = call();
  while (!result && IsSafe(result.error()) && attempts.Wait()) result = call();
  return result;
}

// Puts the answers of a repeated call where they belong.
template <class Answer>
void Merge(std::vector<Answer>& answers,
           const std::vector<std::size_t>& places,
           Answers<Answer> more) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    Answer& place = answers[places[i]];
    if (more) {
      place = std::move((*more)[i]);
    } else {
      Replace(place, more.error());
    }
  }
}

// Sends `requests`, then again those whose answer says that they may be.
template <class Request, class Send>
auto Each(Attempts& attempts, std::span<const Request> requests, Send send) {
  auto answers = Whole(attempts, [&] { return send(requests); });
  while (answers) {
    std::vector<std::size_t> places;
    std::vector<Request> again;
    for (std::size_t i = 0; i < answers->size(); ++i) {
      if (!IsSafe((*answers)[i])) continue;
      places.push_back(i);
      again.push_back(requests[i]);
    }
    if (places.empty() || !attempts.Wait()) break;
    Merge(*answers, places, send(std::span<const Request>(again)));
  }
  return answers;
}

class RetryStore final : public ForwardingStore {
 public:
  RetryStore(std::unique_ptr<OffsetStore> below,
             const RetryPolicy& policy,
             Clock& clock,
             Metrics* metrics)
      : ForwardingStore(std::move(below)), policy_(policy), clock_(clock), metrics_(metrics) {
    for (const auto operation : {internal::kListGroups,
                                 internal::kFetch,
                                 internal::kClaim,
                                 internal::kCommit,
                                 internal::kRelease,
                                 internal::kRemove}) {
      TallyOf(operation).Add(0);
    }
  }

  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    Attempts attempts = Begin(internal::kListGroups, deadline);
    return Whole(attempts, [&] { return below().ListGroups(page, deadline); });
  }

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    Attempts attempts = Begin(internal::kFetch, deadline);
    if (selection.partitions.empty() || !selection.topics.empty()) {
      // An answer that nobody named has no place of its own to be merged into.
      return Whole(attempts, [&] { return below().Fetch(group, selection, deadline); });
    }
    const auto send = [&](std::span<const TopicPartition> part) {
      return below().Fetch(group, Selection{{part.begin(), part.end()}, {}}, deadline);
    };
    return Each(attempts, std::span<const TopicPartition>(selection.partitions), send);
  }

  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override {
    Attempts attempts = Begin(internal::kClaim, deadline);
    return Each(attempts, requests, [&](std::span<const ClaimRequest> part) {
      return below().Claim(group, part, by, deadline);
    });
  }

  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    Attempts attempts = Begin(internal::kCommit, deadline);
    const auto send = [&](std::span<const Move> part) {
      return below().Commit(group, part, by, atomicity, deadline);
    };
    if (atomicity == Atomicity::kEach) return Each(attempts, moves, send);
    auto answers = Whole(attempts, [&] { return send(moves); });
    while (answers && IsSafe(*answers) && attempts.Wait()) {
      answers = Whole(attempts, [&] { return send(moves); });
    }
    return answers;
  }

  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override {
    Attempts attempts = Begin(internal::kRelease, deadline);
    return Each(attempts, claims, [&](std::span<const Claimed> part) {
      return below().Release(group, part, deadline);
    });
  }

  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override {
    Attempts attempts = Begin(internal::kRemove, deadline);
    return Each(attempts, removals, [&](std::span<const Removal> part) {
      return below().Remove(group, part, by, deadline);
    });
  }

 private:
  [[nodiscard]] Tally TallyOf(std::string_view operation) const {
    return {metrics_, store_, operation};
  }
  [[nodiscard]] Attempts Begin(std::string_view operation, Deadline deadline) {
    return Attempts(policy_, clock_, jitter_, TallyOf(operation), deadline);
  }

  const RetryPolicy policy_;
  Clock& clock_;
  Metrics* const metrics_;
  const std::string store_ = internal::StoreLabel(below().Info());
  Jitter jitter_;
};

}  // namespace

std::unique_ptr<OffsetStore> WithRetry(std::unique_ptr<OffsetStore> below,
                                       const RetryPolicy& policy,
                                       Clock& clock,
                                       Metrics* metrics) {
  return std::make_unique<RetryStore>(std::move(below), policy, clock, metrics);
}

}  // namespace offsetstore
