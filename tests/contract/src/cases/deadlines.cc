// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C52 to C54: deadlines, stores that hang, close.
#include "gates.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace offsetstore::testing::cases {

namespace {

/// Every call of the interface on one partition, as a function of its deadline. Each returns the
/// error of the call or of its one answer; none: it did what it was asked.
class EveryCall {
 public:
  EveryCall(OffsetStore& store, const TestGroup& group, TopicPartition at, ClaimToken claim)
      : store_(store), group_(group.name()), at_(std::move(at)), claim_(claim) {}

  using Call = std::function<std::optional<Error>(Deadline)>;

  /// With `claims`, commits are made under the claim, and claims are taken and given back too.
  [[nodiscard]] std::vector<std::pair<std::string, Call>> Writes(bool claims) const {
    std::vector<std::pair<std::string, Call>> calls;
    std::optional<ClaimToken> under;
    if (claims) under = claim_;
    calls.emplace_back("commit", [this, under](Deadline deadline) {
      const std::vector<Move> moves = {Advance(at_, 6, under)};
      return ErrorOf(store_.Commit(group_, moves, Member(), Atomicity::kEach, deadline));
    });
    if (!claims) return calls;
    calls.emplace_back("release", [this](Deadline deadline) {
      const std::vector<Claimed> released = {{at_, claim_}};
      return ErrorOf(store_.Release(group_, released, deadline));
    });
    calls.emplace_back("claim", [this](Deadline deadline) {
      const std::vector<ClaimRequest> requests = {Request(at_)};
      const auto answers = store_.Claim(group_, requests, Member(), deadline);
      return answers ? answers->front().outcome.error : std::optional(answers.error());
    });
    calls.emplace_back("remove", [this](Deadline deadline) {
      const std::vector<Removal> removals = {{at_, Any{}, {}}};
      return ErrorOf(store_.Remove(group_, removals, Operator(), deadline));
    });
    return calls;
  }

  [[nodiscard]] std::vector<std::pair<std::string, Call>> Reads() const {
    std::vector<std::pair<std::string, Call>> calls;
    calls.emplace_back("fetch", [this](Deadline deadline) -> std::optional<Error> {
      const auto reads = store_.Fetch(group_, Selection{{at_}, {}}, deadline);
      if (!reads) return reads.error();
      const Error* error = std::get_if<Error>(&reads->front().slot);
      return error == nullptr ? std::nullopt : std::optional(*error);
    });
    if (!store_.Info().capabilities.lists_groups) return calls;
    calls.emplace_back("list groups", [this](Deadline deadline) -> std::optional<Error> {
      const auto page = store_.ListGroups({}, deadline);
      return page ? std::nullopt : std::optional(page.error());
    });
    return calls;
  }

 private:
  [[nodiscard]] static std::optional<Error> ErrorOf(const Answers<Outcome>& answers) {
    return answers ? answers->front().error : std::optional(answers.error());
  }

  OffsetStore& store_;
  std::string group_;
  TopicPartition at_;
  ClaimToken claim_;
};

/// A position 5 on a partition, under a claim where the store has any.
struct Held {
  TestGroup group;
  TopicPartition at;
  ClaimToken claim;

  explicit Held(Subject& subject) : group(subject.Group("held")), at(subject.Partition()) {
    if (subject.can().fenced_commits) {
      claim = group.MustClaim(at);
      REQUIRE(group.Commit(Advance(at, 5, claim)).Ok());
    } else {
      REQUIRE(group.Commit(Advance(at, 5)).Ok());
    }
  }
};

}  // namespace

void C52Passed(Subject& subject) {
  const Held held(subject);
  const EveryCall every(*subject.store, held.group, held.at, held.claim);
  const Deadline passed = Deadline::At(Deadline::Clock::now() - std::chrono::seconds(1));
  auto calls = every.Writes(subject.can().fenced_commits);
  for (auto& read : every.Reads()) calls.push_back(std::move(read));
  for (const auto& call : calls) {
    CAPTURE(call.first);
    const auto error = call.second(passed);
    REQUIRE(error.has_value());
    CHECK(error->code == ErrorCode::kDeadlineExceeded);
    CHECK(error->retry == Retry::kSafe);
  }
  CHECK(held.group.PositionOf(held.at) == 5);
  if (subject.can().fenced_commits) CHECK(held.group.ClaimOf(held.at)->token == held.claim);
}

namespace {

/// A store that hangs may answer in one of these ways only.
[[nodiscard]] bool SaysItHangs(const Error& error) {
  return error.code == ErrorCode::kDeadlineExceeded || error.code == ErrorCode::kInDoubt ||
         error.code == ErrorCode::kUnavailable;
}

constexpr Duration kWait = std::chrono::milliseconds(150);
/// For a busy machine: a call that ignored its deadline would not come back at all.
constexpr Duration kSlack = std::chrono::seconds(10);

/// Makes a call on a store that hangs; returns its error, and checks that it came in time.
std::optional<Error> InTime(const std::string& name, const EveryCall::Call& call) {
  CAPTURE(name);
  const auto start = Deadline::Clock::now();
  auto error = call(Deadline::After(kWait));
  CHECK(Deadline::Clock::now() - start < kWait + kSlack);
  if (error) {
    CAPTURE(ToString(*error));
    CHECK(SaysItHangs(*error));
  }
  return error;
}

/// Commits until it is accepted: a server that has just come back may need more than one call.
void GoesOnTo(const Held& held, bool claims, std::int64_t to) {
  const Deadline deadline = Soon();
  Answer answer;
  while (!answer.Ok() && !deadline.Passed()) {
    std::optional<ClaimToken> claim;
    if (claims) claim = held.group.MustClaim(held.at);
    answer = held.group.Commit(Advance(held.at, to, claim));
  }
  CHECK(answer.Ok());
  CHECK(held.group.PositionOf(held.at) == to);
}

}  // namespace

void C53Hangs(Subject& subject) {
  const bool claims = subject.can().fenced_commits;
  const Held held(subject);
  const EveryCall every(*subject.store, held.group, held.at, held.claim);
  bool in_doubt = false;
  if (const auto hold = subject.storage.Hang(); hold != nullptr) {
    for (const auto& [name, call] : every.Reads()) {
      (void)InTime(name, call);  // May well succeed: some stores read without the lock.
    }
    for (const auto& [name, call] : every.Writes(claims)) {
      const auto error = InTime(name, call);
      CHECK(error.has_value());
      in_doubt = in_doubt || (error && error->code == ErrorCode::kInDoubt);
    }
  }
  // What was surely not applied does not come later either.
  if (!in_doubt) CHECK(held.group.PositionOf(held.at) == 5);
  if (!in_doubt && claims) CHECK(held.group.ClaimOf(held.at)->token == held.claim);
  GoesOnTo(held, claims, 7);
}

void C53Close(Subject& subject) {
  const auto other = subject.Open();
  const auto hold = subject.storage.Hang();
  const auto start = Deadline::Clock::now();
  const Status closed = other->Close(Deadline::After(kWait));
  CHECK(Deadline::Clock::now() - start < kWait + kSlack);
  if (!closed) CHECK(SaysItHangs(closed.error()));
}

void C54Closed(Subject& subject) {
  const Held held(subject);
  const EveryCall every(*subject.store, held.group, held.at, held.claim);
  REQUIRE(subject.store->Close(Soon()));
  auto calls = every.Writes(subject.can().fenced_commits);
  for (auto& read : every.Reads()) calls.push_back(std::move(read));
  for (const auto& call : calls) {
    CAPTURE(call.first);
    const auto error = call.second(Soon());
    REQUIRE(error.has_value());
    CHECK(error->code == ErrorCode::kUnavailable);
  }
  CHECK_FALSE(subject.store->Close(Soon()));
  CHECK_FALSE(subject.store->Info().scheme.empty());
  const auto later = subject.Open();
  CHECK(held.group.In(*later).PositionOf(held.at) == 5);
}

void C54Others(Subject& subject) {
  const Held held(subject);
  const auto other = subject.Open();
  REQUIRE(other->Close(Soon()));
  CHECK(held.group.PositionOf(held.at) == 5);
  GoesOnTo(held, subject.can().fenced_commits, 6);
}

}  // namespace offsetstore::testing::cases
