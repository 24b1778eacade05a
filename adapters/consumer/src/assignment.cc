// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "assignment.h"

#include <algorithm>
#include <utility>

#include "rdkafka/newer.h"

namespace offsetstore {
namespace {

rdkafka::PartitionList ToList(const std::vector<std::shared_ptr<Feed>>& feeds) {
  rdkafka::PartitionList list(feeds.size());
  for (const auto& feed : feeds) {
    rdkafka::SetLeaderEpoch(list.Add(feed->at, feed->next.value()), feed->epoch);
  }
  return list;
}

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// The text of an error that librdkafka made, which is freed; empty for none.
std::string TakeText(rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return text.empty() ? "refused" : text;
}

}  // namespace

bool AnyFenced(const Answers<Outcome>& answers) {
  return answers && std::any_of(answers->begin(), answers->end(), [](const Outcome& outcome) {
           return outcome.code == OutcomeCode::kFenced;
         });
}

Changes ChangesOf(rd_kafka_t* consumer) {
  const char* protocol = rd_kafka_rebalance_protocol(consumer);
  const bool eager = protocol != nullptr && std::string_view(protocol) == "EAGER";
  return eager ? Changes::kWhole : Changes::kIncremental;
}

Feed* Assignment::Find(const TopicPartition& at) {
  const auto found = feeds_.find(at);
  return found == feeds_.end() ? nullptr : found->second.get();
}

Feed* Assignment::FindSlowly(const rd_kafka_message_t& message) {
  last_ = Find({rd_kafka_topic_name(message.rkt), message.partition});
  last_topic_ = message.rkt;
  last_partition_ = message.partition;
  return last_;
}

void Assignment::Erase(const TopicPartition& at) {
  const auto found = feeds_.find(at);
  if (found == feeds_.end()) return;
  if (found->second->outlet != nullptr) found->second->outlet->Stop();
  last_topic_ = nullptr;
  const std::lock_guard lock(mutex_);
  feeds_.erase(found);
}

Assignment::Orders Assignment::Carry(std::vector<Action> actions,
                                     bool answers,
                                     const NewOutlet& new_outlet) {
  Orders orders;
  Change change;
  change.answers = answers;
  const auto put = [&](const auto& action) {
    std::erase_if(change.put, [&](const auto& feed) { return feed->at == action.at; });
    auto feed = std::make_shared<Feed>();
    feed->at = action.at;
    feed->GoOn(action.position, action.leader_epoch);
    if (without_epoch_.erase(action.at) != 0) feed->epoch.reset();
    feed->outlet = new_outlet(action.at);
    change.put.push_back(std::move(feed));
    orders.put.push_back(action.at);
    // What was asked for before it is undone by it.
    std::erase(orders.pause, action.at);
    std::erase(orders.resume, action.at);
  };
  for (Action& action : actions) {
    std::visit(Overloaded{
                   [&](const Add& add) { put(add); },
                   [&](const MoveTo& move) { put(move); },
                   [&](const Drop& drop) { change.drop.push_back(drop.at); },
                   [&](const Pause& pause) { orders.pause.push_back(pause.at); },
                   [&](const Resume& resume) { orders.resume.push_back(resume.at); },
                   [&](const Rejoin&) { orders.rejoin = true; },
                   [&](Stop& stop) { orders.stop = std::move(stop.error); },
               },
               action);
  }
  orders.refused = Apply(change);
  return orders;
}

Assignment::Refused Assignment::Apply(const Change& change) {
  Partitions gone;
  for (const TopicPartition& at : change.drop) {
    if (feeds_.contains(at)) gone.push_back(at);
  }
  for (const auto& feed : change.put) {
    if (feeds_.contains(feed->at)) gone.push_back(feed->at);
  }
  if (gone.empty() && change.put.empty() && !change.answers) return {};
  if (changes_ == Changes::kIncremental) Unassign(gone);
  for (const TopicPartition& at : gone) Erase(at);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& feed : change.put) feeds_[feed->at] = feed;
  }
  last_topic_ = nullptr;
  const std::string reason =
      changes_ == Changes::kWhole ? AssignWhole() : AssignIncrementally(change.put, change.answers);
  if (reason.empty()) return {};
  Refused refused{.partitions = {}, .reason = reason};
  for (const auto& feed : change.put) {
    Erase(feed->at);
    refused.partitions.push_back(feed->at);
  }
  return refused;
}

std::string Assignment::AssignWhole() {
  std::vector<std::shared_ptr<Feed>> all;
  all.reserve(feeds_.size());
  for (const auto& [at, feed] : feeds_) all.push_back(feed);
  const rdkafka::PartitionList list = ToList(all);
  const rd_kafka_resp_err_t failed = rd_kafka_assign(consumer_, list.get());
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(failed);
  TellPauses(all);
  return {};
}

std::string Assignment::AssignIncrementally(const std::vector<std::shared_ptr<Feed>>& put,
                                            bool even_nothing) {
  if (put.empty() && !even_nothing) return {};
  const rdkafka::PartitionList list = ToList(put);
  std::string reason = TakeText(rd_kafka_incremental_assign(consumer_, list.get()));
  if (reason.empty()) TellPauses(put);
  return reason;
}

void Assignment::Unassign(const Partitions& partitions) {
  if (partitions.empty()) return;
  const auto list = rdkafka::PartitionList::Of(partitions);
  // It fails as a whole where librdkafka gave up a partition on its own (a lost assignment): then
  // a REVOKE event is on its way, which gives up the rest.
  static_cast<void>(TakeText(rd_kafka_incremental_unassign(consumer_, list.get())));
}

void Assignment::Revoke(const Partitions& partitions) {
  Partitions added;
  for (const TopicPartition& at : partitions) {
    if (feeds_.contains(at)) added.push_back(at);
  }
  if (changes_ == Changes::kWhole) {
    rd_kafka_assign(consumer_, nullptr);
    for (const TopicPartition& at : added) Erase(at);
    return;
  }
  // librdkafka waits for an answer also where nothing of the list had been added.
  const auto list = rdkafka::PartitionList::Of(added);
  static_cast<void>(TakeText(rd_kafka_incremental_unassign(consumer_, list.get())));
  for (const TopicPartition& at : added) Erase(at);
}

void Assignment::Clear() {
  rd_kafka_assign(consumer_, nullptr);
  while (!feeds_.empty()) Erase(TopicPartition(feeds_.begin()->first));
}

void Assignment::SetPaused(const TopicPartition& at, bool paused) {
  Feed* feed = Find(at);
  if (feed == nullptr || feed->paused == paused) return;
  feed->paused = paused;
  if (!choked_) TellPaused({at}, paused);
}

void Assignment::SetChoked(bool choked) {
  if (choked_ == choked) return;
  choked_ = choked;
  Partitions changed;
  for (const auto& [at, feed] : feeds_) {
    if (!feed->paused) changed.push_back(at);
  }
  TellPaused(changed, choked);
}

void Assignment::TellPauses(const std::vector<std::shared_ptr<Feed>>& feeds) {
  Partitions paused;
  Partitions resumed;
  for (const auto& feed : feeds) {
    if (feed->paused || choked_) {
      paused.push_back(feed->at);
    } else if (told_paused_.contains(feed->at)) {
      resumed.push_back(feed->at);
    }
  }
  TellPaused(paused, true);
  TellPaused(resumed, false);
}

void Assignment::TellPaused(const Partitions& partitions, bool paused) {
  if (partitions.empty()) return;
  const auto list = rdkafka::PartitionList::Of(partitions);
  // Per partition it fails only where the partition is not assigned any more.
  if (paused) {
    told_paused_.insert(partitions.begin(), partitions.end());
    rd_kafka_pause_partitions(consumer_, list.get());
  } else {
    for (const TopicPartition& at : partitions) told_paused_.erase(at);
    rd_kafka_resume_partitions(consumer_, list.get());
  }
}

bool Assignment::AtEnd(const TopicPartition& at) const {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(at);
  return found != feeds_.end() && found->second->at_end;
}

}  // namespace offsetstore
