// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fault_store.h"

#include <algorithm>
#include <utility>

#include "internal/rules.h"

namespace offsetstore::testing {
namespace {

using Effect = Fault::Effect;

constexpr Duration kLateBound = std::chrono::seconds(10);
constexpr Duration kGateBound = std::chrono::minutes(1);

Fault Make(Effect effect, std::vector<TopicPartition> only) {
  Fault fault;
  fault.effect = effect;
  fault.only = std::move(only);
  if (effect != Effect::kNone) {
    fault.error = MakeError(ErrorCode::kInDoubt, "injected: the answer was lost");
  }
  return fault;
}

bool Hits(const Fault& fault, const TopicPartition& at) {
  return fault.only.empty() ||
         std::find(fault.only.begin(), fault.only.end(), at) != fault.only.end();
}

void Fail(Outcome& outcome, const TopicPartition& at, const Error& error) {
  outcome = internal::Failed(at, error);
}

void Fail(ClaimAnswer& answer, const TopicPartition& at, const Error& error) {
  answer = {.outcome = internal::Failed(at, error), .token = {}, .slot = Absent{}, .previous = {}};
}

const Outcome& OutcomeOf(const Outcome& outcome) {
  return outcome;
}

const Outcome& OutcomeOf(const ClaimAnswer& answer) {
  return answer.outcome;
}

template <class Request>
std::vector<TopicPartition> PartitionsOf(std::span<const Request> requests) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(requests.size());
  for (const Request& request : requests) partitions.push_back(request.at);
  return partitions;
}

// What a batch answers of which some partitions fail; nothing of it is sent.
std::vector<Outcome> RefuseBatch(const Fault& fault, std::span<const Move> moves) {
  std::vector<Outcome> outcomes;
  for (const Move& move : moves) {
    if (Hits(fault, move.at)) {
      outcomes.push_back(internal::Failed(move.at, fault.error));
    } else {
      outcomes.push_back(internal::Applied(move.at));
      outcomes.back().code = OutcomeCode::kNotApplied;
    }
  }
  return outcomes;
}

FaultStore::Call MakeCall(FaultStore::Op op, std::string_view group) {
  FaultStore::Call call;
  call.op = op;
  call.group = group;
  return call;
}

template <class Answer, class Request>
std::vector<Outcome> Flatten(Answers<Answer> answers, const std::vector<Request>& requests) {
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    outcomes.push_back(answers ? OutcomeOf((*answers)[i])
                               : internal::Failed(requests[i].at, answers.error()));
  }
  return outcomes;
}

}  // namespace

void Gate::Pass() {
  std::unique_lock lock(mutex_);
  ++arrivals_;
  changed_.notify_all();
  changed_.wait_for(lock, kGateBound, [this] { return open_; });
}

void Gate::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

bool Gate::WaitForArrivals(std::size_t count, Duration bound) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, bound, [&] { return arrivals_ >= count; });
}

Fault PassThrough(int calls) {
  return Make(Effect::kNone, {}).Times(calls);
}

Fault FailCall(ErrorCode code, std::string message) {
  Fault fault = Make(Effect::kFailCall, {});
  fault.error = MakeError(code, std::move(message));
  return fault;
}

Fault FailPartitions(ErrorCode code, std::vector<TopicPartition> only) {
  Fault fault = Make(Effect::kFailPartitions, std::move(only));
  fault.error = MakeError(code, "injected");
  return fault;
}

Fault InDoubtApplied(std::vector<TopicPartition> only) {
  return Make(Effect::kInDoubtApplied, std::move(only));
}

Fault InDoubtLost(std::vector<TopicPartition> only) {
  return Make(Effect::kInDoubtLost, std::move(only));
}

Fault InDoubtLate(std::vector<TopicPartition> only) {
  return Make(Effect::kInDoubtLate, std::move(only));
}

Fault BlockBefore(std::shared_ptr<Gate> gate) {
  Fault fault = Make(Effect::kNone, {});
  fault.before = std::move(gate);
  return fault;
}

Fault BlockAfter(std::shared_ptr<Gate> gate) {
  Fault fault = Make(Effect::kNone, {});
  fault.after = std::move(gate);
  return fault;
}

void FaultStore::Script(Op op, Fault fault) {
  const std::lock_guard lock(mutex_);
  scripts_[static_cast<std::size_t>(op)].push_back(std::move(fault));
}

void FaultStore::Clear() {
  const std::lock_guard lock(mutex_);
  for (auto& script : scripts_) script.clear();
}

void FaultStore::SetDown(bool down) {
  const std::lock_guard lock(mutex_);
  down_ = down;
}

std::vector<Outcome> FaultStore::ApplyLate() {
  std::vector<Late> late;
  {
    const std::lock_guard lock(mutex_);
    late.swap(late_);
  }
  std::vector<Outcome> outcomes;
  for (const Late& apply : late) {
    for (Outcome& outcome : apply()) outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::size_t FaultStore::Calls(Op op) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<std::size_t>(op)];
}

std::vector<FaultStore::Call> FaultStore::History() const {
  const std::lock_guard lock(mutex_);
  return history_;
}

bool FaultStore::WaitForCalls(Op op, std::size_t count, Duration bound) const {
  std::unique_lock lock(mutex_);
  return called_.wait_for(
      lock, bound, [&] { return counts_[static_cast<std::size_t>(op)] >= count; });
}

Fault FaultStore::Begin(Call call) {
  Fault fault;
  {
    const std::lock_guard lock(mutex_);
    const auto op = static_cast<std::size_t>(call.op);
    ++counts_[op];
    const bool is_close = call.op == Op::kClose;
    history_.push_back(std::move(call));
    called_.notify_all();
    if (down_ && !is_close) return FailCall(ErrorCode::kUnavailable, "injected: down");
    auto& script = scripts_[op];
    if (!script.empty()) {
      fault = script.front();
      if (script.front().calls != kForever && --script.front().calls <= 0) script.pop_front();
    }
  }
  if (fault.before) fault.before->Pass();
  return fault;
}

template <class Answer, class Request, class Send>
Answers<Answer> FaultStore::Run(Call call,
                                std::span<const Request> requests,
                                Deadline deadline,
                                Send send) {
  call.partitions = PartitionsOf(requests);
  const Fault fault = Begin(std::move(call));
  auto answers = Spoil<Answer>(fault, requests, deadline, send);
  if (fault.after) fault.after->Pass();
  return answers;
}

template <class Answer, class Request, class Send>
Answers<Answer> FaultStore::Spoil(const Fault& fault,
                                  std::span<const Request> requests,
                                  Deadline deadline,
                                  Send send) {
  if (fault.effect == Effect::kFailCall) return fault.error;
  if (fault.effect == Effect::kNone) return send(requests, deadline);
  const bool sends_all = fault.effect == Effect::kInDoubtApplied;
  std::vector<Request> sent;
  std::vector<Request> kept;
  for (const Request& request : requests) {
    (sends_all || !Hits(fault, request.at) ? sent : kept).push_back(request);
  }
  if (fault.effect == Effect::kInDoubtLate) {
    const std::lock_guard lock(mutex_);
    // The deadline of the caller, who was answered long ago, does not hold what is under way.
    late_.push_back([send, kept] {
      return Flatten(send(std::span<const Request>(kept), Deadline::After(kLateBound)), kept);
    });
  }
  Answers<Answer> below_answers = std::vector<Answer>{};
  if (!sent.empty()) below_answers = send(std::span<const Request>(sent), deadline);
  if (!below_answers) return below_answers;
  std::vector<Answer> answers(requests.size());
  auto next = below_answers->begin();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const bool hit = Hits(fault, requests[i].at);
    if (sends_all || !hit) answers[i] = std::move(*next++);
    if (hit) Fail(answers[i], requests[i].at, fault.error);
  }
  return answers;
}

const StoreInfo& FaultStore::Info() const noexcept {
  return info_ ? *info_ : below().Info();
}

Result<GroupPage> FaultStore::ListGroups(const PageRequest& page, Deadline deadline) {
  const Fault fault = Begin(MakeCall(Op::kListGroups, ""));
  if (fault.effect == Effect::kFailCall) return fault.error;
  auto groups = below().ListGroups(page, deadline);
  if (fault.after) fault.after->Pass();
  return groups;
}

Answers<Read> FaultStore::Fetch(std::string_view group,
                                const Selection& selection,
                                Deadline deadline) {
  Call call = MakeCall(Op::kFetch, group);
  call.partitions = selection.partitions;
  const Fault fault = Begin(std::move(call));
  if (fault.effect == Effect::kFailCall) return fault.error;
  auto reads = below().Fetch(group, selection, deadline);
  if (reads && fault.effect == Effect::kFailPartitions) {
    for (Read& read : *reads) {
      if (Hits(fault, read.at)) read.slot = fault.error;
    }
  }
  if (fault.after) fault.after->Pass();
  return reads;
}

Answers<ClaimAnswer> FaultStore::Claim(std::string_view group,
                                       std::span<const ClaimRequest> requests,
                                       const Owner& by,
                                       Deadline deadline) {
  Call call = MakeCall(Op::kClaim, group);
  call.requests.assign(requests.begin(), requests.end());
  return Run<ClaimAnswer>(
      std::move(call),
      requests,
      deadline,
      [this, group = std::string(group), by](std::span<const ClaimRequest> part, Deadline until) {
        return below().Claim(group, part, by, until);
      });
}

Answers<Outcome> FaultStore::Commit(std::string_view group,
                                    std::span<const Move> moves,
                                    const Owner& by,
                                    Atomicity atomicity,
                                    Deadline deadline) {
  Call call = MakeCall(Op::kCommit, group);
  call.moves.assign(moves.begin(), moves.end());
  call.atomicity = atomicity;
  const auto send = [this, group = std::string(group), by, atomicity](std::span<const Move> part,
                                                                      Deadline until) {
    return below().Commit(group, part, by, atomicity, until);
  };
  if (atomicity == Atomicity::kEach) return Run<Outcome>(std::move(call), moves, deadline, send);
  call.partitions = PartitionsOf(moves);
  Fault fault = Begin(std::move(call));
  if (fault.effect != Effect::kFailPartitions) fault.only.clear();
  auto outcomes = fault.effect == Effect::kFailPartitions
                      ? Answers<Outcome>(RefuseBatch(fault, moves))
                      : Spoil<Outcome>(fault, moves, deadline, send);
  if (fault.after) fault.after->Pass();
  return outcomes;
}

Answers<Outcome> FaultStore::Release(std::string_view group,
                                     std::span<const Claimed> claims,
                                     Deadline deadline) {
  return Run<Outcome>(
      MakeCall(Op::kRelease, group),
      claims,
      deadline,
      [this, group = std::string(group)](std::span<const Claimed> part, Deadline until) {
        return below().Release(group, part, until);
      });
}

Answers<Outcome> FaultStore::Remove(std::string_view group,
                                    std::span<const Removal> removals,
                                    const Owner& by,
                                    Deadline deadline) {
  return Run<Outcome>(
      MakeCall(Op::kRemove, group),
      removals,
      deadline,
      [this, group = std::string(group), by](std::span<const Removal> part, Deadline until) {
        return below().Remove(group, part, by, until);
      });
}

Status FaultStore::Close(Deadline deadline) {
  const Fault fault = Begin(MakeCall(Op::kClose, ""));
  if (fault.effect == Effect::kFailCall) return fault.error;
  Status status = below().Close(deadline);
  if (fault.after) fault.after->Pass();
  return status;
}

}  // namespace offsetstore::testing
