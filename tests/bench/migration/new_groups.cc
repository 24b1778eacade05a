// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "new_groups.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string_view>
#include <thread>
#include <utility>

#include "kafka_client.h"
#include "rdkafka/admin_options.h"
#include "rdkafka/partition_list.h"

namespace offsetstore::bench {
namespace {

/// Calls of one handle under way: the next request waits at the broker for its turn.
constexpr std::size_t kUnderWay = 8;

void RequireNone(const rd_kafka_error_t* error) {
  if (error != nullptr) Require(false, rd_kafka_error_string(error));
}

/// The partitions of the one group of an answer.
const rd_kafka_topic_partition_list_t* ListOf(const rd_kafka_group_result_t** groups,
                                              std::size_t count) {
  Require(count == 1, "an answer of one group");
  RequireNone(rd_kafka_group_result_error(groups[0]));
  const auto* list = rd_kafka_group_result_partitions(groups[0]);
  for (const auto& element : rdkafka::Elements(list)) {
    Require(element.err == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_err2str(element.err));
  }
  return list;
}

/// `number` comes back with the answer, and stays where it is until then.
rdkafka::AdminOptions OptionsOf(rd_kafka_t* handle,
                                rd_kafka_admin_op_t operation,
                                std::size_t* number) {
  rdkafka::AdminOptions options(handle, operation, Soon());
  options.SetOpaque(number);
  return options;
}

void SendAlter(rd_kafka_t* handle,
               rd_kafka_queue_t* queue,
               const OldGroup& group,
               std::size_t* number) {
  rdkafka::PartitionList list(group.positions.size());
  for (const OldPosition& one : group.positions) {
    list.Add({one.topic, one.partition}, one.position);
  }
  auto* request = rd_kafka_AlterConsumerGroupOffsets_new(group.name.c_str(), list.get());
  const auto options = OptionsOf(handle, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, number);
  rd_kafka_AlterConsumerGroupOffsets(handle, &request, 1, options.get(), queue);
  rd_kafka_AlterConsumerGroupOffsets_destroy(request);
}

void SendList(rd_kafka_t* handle,
              rd_kafka_queue_t* queue,
              const OldGroup& group,
              std::size_t* number) {
  rdkafka::PartitionList list(group.positions.size());
  for (const OldPosition& one : group.positions) list.Add({one.topic, one.partition});
  auto* request = rd_kafka_ListConsumerGroupOffsets_new(group.name.c_str(), list.get());
  const auto options = OptionsOf(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, number);
  rd_kafka_ListConsumerGroupOffsets(handle, &request, 1, options.get(), queue);
  rd_kafka_ListConsumerGroupOffsets_destroy(request);
}

}  // namespace

NewGroups::NewGroups() {
  while (handles_.size() < kHandles) {
    rdkafka::Conf conf;
    // Never joined: without one librdkafka crashes where a coordinator moves.
    Require(static_cast<bool>(conf.Set("group.id", "bench")), "group.id");
    handles_.push_back(
        testing::NewHandle(RD_KAFKA_CONSUMER, testing::KafkaBrokers(), std::move(conf)));
  }
}

void NewGroups::ForEach(std::size_t count, const Send& send, const Take& take) const {
  std::atomic<std::size_t> next = 0;
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  const auto work = [&](rd_kafka_t* handle) {
    rdkafka::Queue queue(handle);
    std::size_t under_way = 0;
    while (true) {
      for (; under_way < kUnderWay; ++under_way) {
        const std::size_t i = next++;
        if (i >= count) break;
        send(handle, queue.get(), numbers[i]);
      }
      if (under_way == 0) return;
      const rdkafka::Event event = queue.PollUntil(Soon());
      Require(event != nullptr, "no answer");
      Require(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR,
              rd_kafka_event_error_string(event.get()));
      take(event.get(), *static_cast<std::size_t*>(rd_kafka_event_opaque(event.get())));
      --under_way;
    }
  };
  std::vector<std::jthread> threads;
  for (const auto& handle : handles_) threads.emplace_back(work, handle->get());
}

void NewGroups::Write(std::span<const OldGroup> groups) const {
  const auto send = [&](rd_kafka_t* handle, rd_kafka_queue_t* queue, std::size_t& i) {
    SendAlter(handle, queue, groups[i], &i);
  };
  ForEach(groups.size(), send, [](const rd_kafka_event_t* event, std::size_t) {
    std::size_t count = 0;
    const rd_kafka_group_result_t** answered =
        rd_kafka_AlterConsumerGroupOffsets_result_groups(event, &count);
    ListOf(answered, count);
  });
}

std::vector<OldGroup> NewGroups::Read(std::span<const OldGroup> groups) const {
  std::vector<OldGroup> found(groups.size());
  const auto send = [&](rd_kafka_t* handle, rd_kafka_queue_t* queue, std::size_t& i) {
    SendList(handle, queue, groups[i], &i);
  };
  ForEach(groups.size(), send, [&](const rd_kafka_event_t* event, std::size_t i) {
    std::size_t count = 0;
    const rd_kafka_group_result_t** answered =
        rd_kafka_ListConsumerGroupOffsets_result_groups(event, &count);
    found[i].name = groups[i].name;
    for (const auto& element : rdkafka::Elements(ListOf(answered, count))) {
      found[i].positions.push_back({element.topic, element.partition, element.offset});
    }
    std::sort(found[i].positions.begin(), found[i].positions.end());
  });
  return found;
}

std::size_t NewGroups::CountLive() const {
  rd_kafka_t* handle = handles_.front()->get();
  rdkafka::Queue queue(handle);
  const auto options = OptionsOf(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, nullptr);
  rd_kafka_ListConsumerGroups(handle, options.get(), queue.get());
  const rdkafka::Event event = queue.PollUntil(Soon());
  Require(event != nullptr, "no list of the groups");
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
  Require(result != nullptr, rd_kafka_event_error_string(event.get()));
  std::size_t count = 0;
  rd_kafka_ListConsumerGroups_result_errors(result, &count);
  Require(count == 0, "a broker did not list its groups");
  const auto* listed = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  return static_cast<std::size_t>(std::count_if(listed, listed + count, [](const auto* group) {
    return rd_kafka_ConsumerGroupListing_state(group) != RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY;
  }));
}

}  // namespace offsetstore::bench
