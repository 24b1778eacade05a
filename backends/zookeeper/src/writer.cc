// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "error.h"
#include "reader.h"

namespace offsetstore::zookeeper {
namespace {

// Transactions under way at once: together some MiB at most.
constexpr std::size_t kWriteWindow = 8;
// After so many refusals of its chunks a partition goes alone: others may keep changing.
constexpr int kMostTogether = 2;

bool IsChanged(int code) {
  return code == ZBADVERSION || code == ZNONODE || code == ZNODEEXISTS;
}

Error TooLarge(std::size_t bytes, ErrorCode code) {
  return MakeError(code,
                   "the write needs " + std::to_string(bytes) +
                       " bytes in one transaction, more than ZooKeeper safely takes (" +
                       std::to_string(kMostBytes) + ", of one batch " +
                       std::to_string(kMostAtomicBytes) + "); nothing was applied");
}

bool Writes(const internal::Decision& decision) {
  return decision.next.has_value();
}

}  // namespace

std::vector<std::size_t> Writer::Open() const {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].open) open.push_back(i);
  }
  return open;
}

void Writer::Look(const std::vector<std::size_t>& jobs, Deadline deadline) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(jobs.size());
  for (const std::size_t i : jobs) partitions.push_back(jobs_[i].at);
  if (partitions.empty()) return;
  std::vector<PartitionState> states =
      Reader(session_, cache_, paths_, deadline).States(partitions);
  for (std::size_t n = 0; n < jobs.size(); ++n) {
    Job& job = jobs_[jobs[n]];
    job.written.before = std::move(states[n]);
    // Our node still names it: not made anew, somebody deleted the child alone.
    PartitionState& before = job.written.before;
    if (job.gone && before.incarnation == job.gone) before.incarnation.reset();
    job.known = true;
    job.fresh = true;
  }
}

void Writer::DecideOne(std::size_t index, const Decide& decide) {
  Job& job = jobs_[index];
  if (job.written.before.unreadable) {
    job.written.decision = {internal::Failed(job.at, *job.written.before.unreadable), {}};
    return;
  }
  job.written.decision = decide(index, job.written.before);
}

// A decision to write may rest on what this store remembers, since the server compares; any other
// is the answer, and rests on what was read now.
void Writer::DecideAll(const Decide& decide, Deadline deadline) {
  std::vector<std::size_t> unknown;
  for (const std::size_t i : Open()) {
    if (jobs_[i].known) DecideOne(i, decide);
    if (!jobs_[i].known || (!jobs_[i].fresh && !Writes(jobs_[i].written.decision))) {
      unknown.push_back(i);
    }
  }
  Look(unknown, deadline);
  for (const std::size_t i : unknown) DecideOne(i, decide);
}

bool Writer::RefuseUnlessAll() {
  std::vector<Outcome> outcomes;
  outcomes.reserve(jobs_.size());
  for (Job& job : jobs_) outcomes.push_back(std::move(job.written.decision.outcome));
  const bool fine = internal::RefuseUnlessAll(outcomes);
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    jobs_[i].written.decision.outcome = std::move(outcomes[i]);
    jobs_[i].open = jobs_[i].open && fine;
  }
  return fine;
}

void Writer::MakeParents(Deadline deadline) {
  for (const std::size_t i : Open()) {
    const Job& job = jobs_[i];
    if (!Writes(job.written.decision)) continue;
    if (!job.written.before.own_version) parents_.NeedOwn(job.at.topic);
    if (rule_ == LeafRule::kMove && !job.written.before.leaf_version) {
      parents_.NeedLeaf(job.at.topic);
    }
  }
  parents_.Make(deadline);
}

// Within one batch also what needs no write must still be so when the others are written.
std::vector<Step> Writer::StepsOf(const Job& job) const {
  const PartitionState& before = job.written.before;
  if (Writes(job.written.decision)) {
    return StepsTo(*job.written.decision.next, before, fresh_, rule_, paths_, job.at);
  }
  return StepsToCheck(before, paths_, job.at);
}

void Writer::Add(std::size_t index, std::vector<Step> steps, Chunk& chunk) const {
  if (chunk.first_step.empty()) chunk.first_step.push_back(0);
  chunk.jobs.push_back(index);
  chunk.bytes += BytesOf(steps);
  chunk.request.kind = Request::Kind::kMulti;
  chunk.request.creator_all = creator_all_;
  for (Step& step : steps) chunk.request.steps.push_back(std::move(step));
  chunk.first_step.push_back(chunk.request.steps.size());
}

std::vector<Writer::Chunk> Writer::Chunks() {
  const bool together = atomicity_ == Atomicity::kAll;
  std::vector<Chunk> chunks;
  bool full = true;
  for (const std::size_t i : Open()) {
    Job& job = jobs_[i];
    if (!Writes(job.written.decision) && !together) continue;
    std::vector<Step> steps = StepsOf(job);
    if (!together && BytesOf(steps) > kMostBytes) {
      Fail(job, TooLarge(BytesOf(steps), ErrorCode::kInvalidArgument));
      continue;
    }
    const bool alone = !together && job.refusals > kMostTogether;
    const bool fits = !full && chunks.back().bytes + BytesOf(steps) <= kMostBytes &&
                      chunks.back().request.steps.size() + steps.size() <= kMostSteps;
    if (chunks.empty() || (!together && (alone || !fits))) chunks.emplace_back();
    Add(i, std::move(steps), chunks.back());
    full = alone;
  }
  return chunks;
}

void Writer::Fail(Job& job, Error error) {
  job.written.decision = {internal::Failed(job.at, std::move(error)), {}};
  job.open = false;
  cache_.Drop(paths_, job.at);
}

void Writer::SettleApplied(const Chunk& chunk) {
  for (const std::size_t i : chunk.jobs) {
    Job& job = jobs_[i];
    job.open = false;
    if (!Writes(job.written.decision)) continue;
    PartitionState after =
        StateAfter(*job.written.decision.next, job.written.before, fresh_, rule_);
    if (rule_ == LeafRule::kMove || rule_ == LeafRule::kAdopt) {
      cache_.Put(paths_, job.at, std::move(after));
    } else {
      cache_.Drop(paths_, job.at);
    }
  }
}

// Nothing of the chunk was applied. The step that failed says for which partition; all of them are
// looked at again, since the others may have changed as well.
void Writer::SettleRefused(const Chunk& chunk, const Reply& reply, Deadline deadline) {
  const auto step =
      std::upper_bound(chunk.first_step.begin(), chunk.first_step.end(), reply.failed_step);
  const auto culprit = static_cast<std::size_t>(step - chunk.first_step.begin()) - 1;
  for (std::size_t n = 0; n < chunk.jobs.size(); ++n) {
    Job& job = jobs_[chunk.jobs[n]];
    job.fresh = false;
    job.known = false;
    ++job.refusals;
    cache_.Drop(paths_, job.at);
    if (n != culprit) continue;
    const std::string& path = chunk.request.steps[reply.failed_step].path;
    if (!IsChanged(reply.code)) {
      Fail(job, ToError(reply, Sending::kWrite, path, deadline));
      continue;
    }
    if (reply.code == ZNONODE) SettleMissing(job, path);
  }
}

void Writer::SettleMissing(Job& job, const std::string& path) {
  const std::optional<Nonce>& incarnation = job.written.before.incarnation;
  if (incarnation && path == paths_.Incarnation(job.at, *incarnation)) {
    job.gone = incarnation;
    return;
  }
  if (auto why = parents_.WhyMissing(path)) {
    Fail(job, *std::move(why));
  } else {
    parents_.Forget(job.at.topic);
  }
}

void Writer::Settle(const Chunk& chunk, const Reply& reply, Deadline deadline) {
  if (reply.code == ZOK) {
    SettleApplied(chunk);
    return;
  }
  const std::size_t count = chunk.request.steps.size();
  const bool refused = reply.code < ZAPIERROR && reply.failed_step < count;
  const Error error = ToError(reply, Sending::kWrite, "", deadline);
  if (refused && (IsChanged(reply.code) || error.code != ErrorCode::kInDoubt)) {
    SettleRefused(chunk, reply, deadline);
    return;
  }
  for (const std::size_t i : chunk.jobs) Fail(jobs_[i], error);
}

// What needs no write has its answer; within one batch only together with the others.
void Writer::CloseAnswered() {
  if (atomicity_ == Atomicity::kAll) return;
  for (const std::size_t i : Open()) jobs_[i].open = Writes(jobs_[i].written.decision);
}

void Writer::Send(std::vector<Chunk>& chunks, Deadline deadline) {
  std::vector<Request> requests;
  requests.reserve(chunks.size());
  for (Chunk& chunk : chunks) requests.push_back(std::move(chunk.request));
  const std::vector<Reply> replies = session_.Run(requests, kWriteWindow, deadline);
  for (std::size_t i = 0; i < chunks.size(); ++i) chunks[i].request = std::move(requests[i]);
  for (std::size_t i = 0; i < chunks.size(); ++i) Settle(chunks[i], replies[i], deadline);
}

void Writer::GiveUp() {
  for (const std::size_t i : Open()) {
    Fail(jobs_[i],
         MakeError(ErrorCode::kDeadlineExceeded,
                   "others kept changing the partition until the deadline; nothing was applied"));
  }
}

Answers<Written> Writer::Run(std::vector<TopicPartition> partitions,
                             LeafRule rule,
                             Atomicity atomicity,
                             const Decide& decide,
                             Deadline deadline) {
  rule_ = rule;
  atomicity_ = atomicity;
  jobs_.resize(partitions.size());
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    jobs_[i].at = std::move(partitions[i]);
    auto cached = rule == LeafRule::kMove ? cache_.Find(paths_, jobs_[i].at) : std::nullopt;
    jobs_[i].known = cached.has_value();
    if (cached) jobs_[i].written.before = *std::move(cached);
  }
  while (!Open().empty() && !deadline.Passed()) {
    DecideAll(decide, deadline);
    if (atomicity == Atomicity::kAll && !RefuseUnlessAll()) break;
    std::vector<Chunk> chunks = Chunks();
    if (atomicity == Atomicity::kAll && chunks.front().bytes > kMostAtomicBytes) {
      return TooLarge(chunks.front().bytes, ErrorCode::kUnsupported);
    }
    MakeParents(deadline);
    CloseAnswered();
    Send(chunks, deadline);
  }
  GiveUp();
  std::vector<Written> answers;
  answers.reserve(jobs_.size());
  for (Job& job : jobs_) answers.push_back(std::move(job.written));
  return answers;
}

}  // namespace offsetstore::zookeeper
