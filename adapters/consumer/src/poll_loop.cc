// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "poll_loop.h"

#include <utility>

#include "internal/macros.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"

namespace offsetstore {

PollLoop::PollLoop(rdkafka::Handle& handle,
                   Session& session,
                   const ConsumerConfig& config,
                   EventHub& events,
                   Mirror* mirror,
                   MemberPort* port)
    : handle_(handle),
      session_(session),
      config_(config),
      events_(events),
      mirror_(mirror),
      port_(port),
      queue_(rdkafka::Queue::OfConsumer(handle.get())),
      assignment_(handle.get()) {}

Status PollLoop::Start() {
  // From here on errors and statistics come by the consumer's queue too.
  const rd_kafka_resp_err_t native = rd_kafka_poll_set_consumer(handle_.get());
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return rdkafka::ToError(native, rdkafka::Effect::kRead, "start of the consumer");
  }
  if (!config_.IsStatic()) return Subscribe();
  Apply(session_.Assigned(config_.assign, Deadline::After(config_.session.assign_bound)), true);
  return {};
}

Status PollLoop::Subscribe() {
  rdkafka::PartitionList topics(config_.topics.size());
  for (const std::string& topic : config_.topics) topics.Add({topic, RD_KAFKA_PARTITION_UA});
  const rd_kafka_resp_err_t native = rd_kafka_subscribe(handle_.get(), topics.get());
  if (native == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return rdkafka::ToError(native, rdkafka::Effect::kRead, "subscription");
}

bool PollLoop::Turn(Duration wait) {
  if (session_.HasActions()) Apply(session_.TakeActions());
  for (const TopicPartition& at : hold_.GiveUp(Hold::Clock::now())) assignment_.SetPaused(at, true);
  if (ended_ || hold_.Any()) return false;
  rdkafka::Event event = queue_->Poll(wait);
  const bool got = event != nullptr;
  if (got) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_FETCH) {
      Deliver(std::move(event));
      return true;
    }
    OnEvent(event.get());
  }
  if (session_.HasActions()) Apply(session_.TakeActions());
  if (mirror_ != nullptr && !rebalancing_) {
    if (const auto failed = mirror_->Send(handle_.get())) {
      events_.Tell(EventKind::kClient, "mirror to Kafka failed: " + *failed);
    }
  }
  return got;
}

void PollLoop::Deliver(rdkafka::Event event) {
  const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
  if (message == nullptr) return;
  Feed* feed = assignment_.Find(*message);
  // A partition that was given up while its records were on their way.
  if (feed == nullptr || !Position::IsValid(message->offset)) return;
  const Position next(message->offset + 1);
  const std::optional<std::int32_t> epoch = rdkafka::LeaderEpoch(*message);
  std::optional<Ticket> ticket =
      session_.Delivered(feed->at, Position(message->offset), next, epoch);
  if (!ticket) return;
  feed->GoOn(next, epoch);
  if (feed->at_end.load(std::memory_order_relaxed)) feed->at_end = false;
  feed->outlet->Take(KafkaRecord(std::move(event), *message, *std::move(ticket)));
}

void PollLoop::Apply(std::vector<Action> actions, bool answers) {
  const auto new_outlet = [this](const TopicPartition& at) { return user_->NewOutlet(at); };
  Assignment::Orders orders = assignment_.Carry(std::move(actions), answers, new_outlet);
  for (const TopicPartition& at : orders.put) hold_.Forget(at);
  if (!orders.refused.partitions.empty()) {
    events_.Tell(EventKind::kClient, "librdkafka refuses the assignment: " + orders.refused.reason);
    session_.Lost(orders.refused.partitions);
  }
  for (const TopicPartition& at : orders.pause) OnPause(at);
  for (const TopicPartition& at : orders.resume) OnResume(at);
  if (orders.rejoin) Rejoin();
  if (orders.stop) End(*std::move(orders.stop));
}

void PollLoop::OnPause(const TopicPartition& at) {
  if (assignment_.Find(at) == nullptr) return;
  if (!user_->WorksBeside() || !hold_.Begin(at, Hold::Clock::now()))
    assignment_.SetPaused(at, true);
}

void PollLoop::OnResume(const TopicPartition& at) {
  hold_.End(at, Hold::Clock::now());
  assignment_.SetPaused(at, false);
}

void PollLoop::Rejoin() {
  // The revocation that follows commits and releases what is still held.
  rd_kafka_unsubscribe(handle_.get());
  if (Status status = Subscribe(); !status) End(std::move(status).error());
}

void PollLoop::End(Error error) {
  if (!ended_) ended_ = std::move(error);
}

void PollLoop::StopAll() {
  for (const auto& [at, feed] : assignment_.feeds()) feed->outlet->Stop();
}

void PollLoop::GiveUpAll() {
  for (const auto& [at, feed] : assignment_.feeds()) feed->outlet->GiveUp();
}

void PollLoop::Detach() {
  if (!queue_) return;
  assignment_.Clear();
  if (mirror_ != nullptr) mirror_->Detach();
  queue_.reset();
}

}  // namespace offsetstore
