// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/consumer.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "batch_runner.h"
#include "consumer_impl.h"
#include "internal/macros.h"
#include "offsetstore/units.h"
#include "workers.h"

namespace offsetstore {
namespace {

/// Records taken from librdkafka before the workers get them: shares one lock, costs no delay,
/// since an empty queue ends the batch as well.
constexpr int kBatch = 512;
/// Longest wait in librdkafka; `Wake` ends it sooner.
constexpr Duration kTurn{200};
/// How often a hold looks whether it has lasted long enough.
constexpr Duration kHoldStep{20};
/// What leaving the group may take after the drain.
constexpr std::chrono::seconds kLeaveBound{5};
constexpr std::chrono::seconds kMirrorBound{1};

std::string WhatAKillDoes(const ConsumerConfig& config) {
  switch (config.delivery) {
    case Delivery::kAtLeastOnce:
      return "a kill repeats at most " + std::to_string(config.session.max_uncommitted) +
             " records of each partition";
    case Delivery::kAtMostOnce:
      return "a kill loses at most the " + std::to_string(config.batch.records) +
             " records of a batch";
    case Delivery::kExactlyOnce:
      return "results and positions are in one transaction, a kill rolls both back";
  }
  return {};
}

/// The styles of use that deliver as the configuration asks for.
std::vector<std::string_view> StylesOf(const ConsumerConfig& config) {
  switch (config.delivery) {
    case Delivery::kAtLeastOnce:
      return {"Run", "Poll"};
    case Delivery::kAtMostOnce:
      return {"Run"};
    case Delivery::kExactlyOnce:
      break;
  }
  return {config.session.fenced_by_group ? "RunToKafka" : "RunTransactions"};
}

Error WrongPhase(std::string_view what) {
  return MakeError(ErrorCode::kInvalidArgument, std::string(what));
}

}  // namespace

ConsumerImpl::ConsumerImpl(ConsumerParts parts) : parts_(std::move(parts)) {}

ConsumerImpl::~ConsumerImpl() {
  // Without a last commit: who wants one calls Close.
  session_.reset();
  Drop();
}

Status ConsumerImpl::Init() {
  OS_ASSIGN_OR_RETURN(session_, Session::Open(parts_.store, parts_.client, parts_.config.session));
  inbox_ = std::make_unique<Inbox>(parts_.handle, parts_.config.report_end);
  loop_ = std::make_unique<PollLoop>(*parts_.handle,
                                     *session_,
                                     parts_.config,
                                     *parts_.events,
                                     parts_.mirror.get(),
                                     parts_.port.get());
  return {};
}

Status ConsumerImpl::Begin(LoopUser& user) {
  TellGuarantee();
  loop_->SetUser(&user);
  return loop_->Start();
}

void ConsumerImpl::TellGuarantee() {
  const StoreInfo& info = parts_.store->Info();
  std::string text = "positions in " + info.scheme + " " + info.endpoint + " survive " +
                     std::string(ToString(info.durability)) + "; " +
                     std::string(ToString(parts_.config.delivery)) + ": " +
                     WhatAKillDoes(parts_.config);
  if (!info.durability_note.empty()) text += "; " + info.durability_note;
  if (!info.capabilities.fenced_commits && parts_.config.IsStatic()) {
    text +=
        "; this store has neither claim nor fence under static assignment: nothing stops a "
        "second consumer of the same partitions";
  }
  parts_.events->Tell(EventKind::kGuarantee, std::move(text));
}

Status ConsumerImpl::Run(const Handler& handler, std::stop_token stop) {
  OS_RETURN_IF_ERROR(CheckStyle("Run"));
  if (parts_.config.delivery == Delivery::kAtMostOnce) {
    return RunBatches(
        NewAtMostOnceWork(*session_, *parts_.store, parts_.config, *parts_.events, handler),
        0,
        stop);
  }
  Workers workers(handler, parts_.config, *parts_.events, *parts_.client);
  return RunAs(workers, stop);
}

Status ConsumerImpl::RunTransactions(const OpenTransactional& open,
                                     const BatchHandler& handler,
                                     std::stop_token stop) {
  OS_RETURN_IF_ERROR(CheckStyle("RunTransactions"));
  return RunBatches(
      NewTransactionWork(*session_, *parts_.store, parts_.config.session, open, handler),
      parts_.max_records,
      stop);
}

Status ConsumerImpl::RunToKafka(const OutputHandler& handler, std::stop_token stop) {
  OS_RETURN_IF_ERROR(CheckStyle("RunToKafka"));
  OS_ASSIGN_OR_RETURN(std::unique_ptr<BatchWork> work,
                      NewOutputWork(*session_, *parts_.port, parts_.config.session, handler));
  return RunBatches(std::move(work), 0, stop);
}

Status ConsumerImpl::RunBatches(std::unique_ptr<BatchWork> work,
                                std::uint64_t most,
                                const std::stop_token& stop) {
  BatchRunner runner(std::move(work), most, parts_.config, *parts_.events, *parts_.client);
  return RunAs(runner, stop);
}

Status ConsumerImpl::CheckStyle(std::string_view style) const {
  if (phase_ != Phase::kNew) {
    return WrongPhase(std::string(style) + " is for a consumer that was not used before");
  }
  const std::vector<std::string_view> styles = StylesOf(parts_.config);
  if (std::ranges::find(styles, style) != styles.end()) return {};
  return WrongPhase(std::string(style) + " does not deliver as offsetstore.delivery=" +
                    std::string(ToString(parts_.config.delivery)) + " with this store asks for; " +
                    "use " + std::string(styles.front()));
}

Status ConsumerImpl::RunAs(RunStyle& style, const std::stop_token& stop) {
  phase_ = Phase::kRunning;
  Status begun = Begin(style);
  if (begun) Consume(style, stop);
  style.BeginStop();
  Status left = Leave(Deadline::After(parts_.config.session.drain_timeout));
  style.Join();
  Drop();
  if (auto failure = style.Failure()) return *std::move(failure);
  if (loop_->ended()) return *loop_->ended();
  return begun ? left : begun;
}

void ConsumerImpl::Consume(RunStyle& style, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { parts_.client->Wake(); });
  while (!stop.stop_requested() && !loop_->ended() && !style.Over()) {
    bool more = loop_->Turn(kTurn);
    for (int i = 1; more && i < kBatch; ++i) more = loop_->Turn(Duration::zero());
    style.Flush();
    loop_->SetChoked(style.Choked());
    if (loop_->Holding()) parts_.client->WaitForWake(kHoldStep);
  }
}

Result<Polled> ConsumerImpl::Poll(Duration wait) {
  if (phase_ == Phase::kNew) {
    OS_RETURN_IF_ERROR(CheckStyle("Poll"));
    phase_ = Phase::kPolling;
    OS_RETURN_IF_ERROR(Begin(*inbox_));
  }
  if (phase_ != Phase::kPolling) return WrongPhase("the consumer is closed, or Run uses it");
  if (loop_->RevokePending()) loop_->FinishRevoke();
  const Deadline deadline = Deadline::After(wait);
  while (true) {
    if (!inbox_->empty()) return inbox_->Take();
    if (loop_->ended()) return *loop_->ended();
    const Duration left = deadline.Remaining();
    const bool got = loop_->Turn(std::min(left, kTurn));
    if (!got && left == Duration::zero() && inbox_->empty() && !loop_->ended()) {
      return Polled(Nothing{});
    }
  }
}

Status ConsumerImpl::Close(Deadline deadline) {
  if (phase_ == Phase::kClosed) return {};
  loop_->GiveUpAll();
  Status left = Leave(deadline);
  Drop();
  return left;
}

Status ConsumerImpl::Leave(Deadline deadline) {
  phase_ = Phase::kClosed;
  loop_->StopAll();
  Status first = session_->Close(deadline);
  if (parts_.mirror != nullptr) {
    const auto failed = parts_.mirror->Finish(parts_.handle->get(), Deadline::After(kMirrorBound));
    if (failed) parts_.events->Tell(EventKind::kClient, "mirror to Kafka failed: " + *failed);
  }
  Status store = parts_.store->Close(Deadline::After(parts_.config.session.store_timeout));
  loop_->Detach();
  inbox_->Detach();
  parts_.client->Detach();
  // What is committed is committed; the coordinator notices when the session expires.
  if (const Status left = parts_.handle->LeaveGroup(Deadline::After(kLeaveBound)); !left) {
    parts_.events->Tell(EventKind::kClient, ToString(left.error()));
  }
  return first ? store : first;
}

void ConsumerImpl::Drop() {
  phase_ = Phase::kClosed;
  if (loop_ != nullptr) loop_->Detach();
  if (inbox_ != nullptr) inbox_->Detach();
  if (parts_.client != nullptr) parts_.client->Detach();
  if (parts_.port != nullptr) parts_.port->Detach();
  const std::lock_guard lock(state_mutex_);
  parts_.handle.reset();
}

ConsumerState ConsumerImpl::State() const {
  Snapshot snapshot = session_->State();
  ConsumerState state;
  state.store_up = snapshot.store_up;
  state.last_commit = snapshot.last_commit;
  state.late_done = snapshot.late_done;
  state.all_at_end = !snapshot.partitions.empty();
  for (PartitionState& partition : snapshot.partitions) {
    const bool committed = partition.in_flight == 0 &&
                           (!partition.delivered ||
                            (partition.committed && *partition.committed >= *partition.delivered));
    const bool at_end = committed && loop_->assignment().AtEnd(partition.at);
    state.all_at_end = state.all_at_end && at_end;
    state.partitions.push_back({std::move(partition), {}, at_end});
  }
  AddLag(state);
  return state;
}

void ConsumerImpl::AddLag(ConsumerState& state) const {
  const std::lock_guard lock(state_mutex_);
  if (parts_.handle == nullptr) return;
  for (ConsumerState::Partition& partition : state.partitions) {
    const TopicPartition& at = partition.state.at;
    std::int64_t low = RD_KAFKA_OFFSET_INVALID;
    std::int64_t high = RD_KAFKA_OFFSET_INVALID;
    // Cached from the last fetch: no network.
    const rd_kafka_resp_err_t native = rd_kafka_get_watermark_offsets(
        parts_.handle->get(), at.topic.c_str(), at.partition, &low, &high);
    if (native != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0 || !partition.state.committed) continue;
    partition.lag = std::max<std::int64_t>(0, high - partition.state.committed->value());
  }
}

}  // namespace offsetstore
