// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "kafka_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "eventually.h"
#include "rdkafka/log_range.h"

namespace offsetstore::testing {
namespace {

constexpr std::chrono::seconds kBound{60};
constexpr int kMostPartitions = 4000;

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)>;
using AclBinding = std::unique_ptr<rd_kafka_AclBinding_t, decltype(&rd_kafka_AclBinding_destroy)>;
using NewPartitions =
    std::unique_ptr<rd_kafka_NewPartitions_t, decltype(&rd_kafka_NewPartitions_destroy)>;

/// What takes longer is asked again: an answer may be lost with its connection.
std::size_t PartitionCount(rd_kafka_t* handle, const std::string& topic) {
  const auto leaders = rdkafka::Leaders(handle, topic, Deadline::After(std::chrono::seconds(5)));
  return leaders ? leaders->size() : 0;
}

/// Waits for the answer of an admin call that names topics; throws the first of their errors.
void Await(rdkafka::Queue& queue) {
  const rdkafka::Event event = queue.PollUntil(Deadline::After(kBound));
  if (event == nullptr) throw std::runtime_error("no answer of the admin call");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* created = rd_kafka_event_CreateTopics_result(event.get());
  const rd_kafka_topic_result_t** results =
      created != nullptr ? rd_kafka_CreateTopics_result_topics(created, &count)
                         : rd_kafka_CreatePartitions_result_topics(
                               rd_kafka_event_CreatePartitions_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t native = rd_kafka_topic_result_error(results[i]);
    // Another process that needs the same topic may have been quicker.
    if (native == RD_KAFKA_RESP_ERR_NO_ERROR || native == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ||
        native == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS) {
      continue;
    }
    throw std::runtime_error(std::string(rd_kafka_topic_result_name(results[i])) + ": " +
                             rd_kafka_err2str(native));
  }
}

std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)> Options(
    rd_kafka_t* handle, rd_kafka_admin_op_t operation) {
  auto* options = rd_kafka_AdminOptions_new(handle, operation);
  std::array<char, 256> reason{};
  const auto bound = static_cast<int>(std::chrono::milliseconds(kBound).count());
  if (rd_kafka_AdminOptions_set_operation_timeout(options, bound, reason.data(), reason.size()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(reason.data());
  }
  return {options, &rd_kafka_AdminOptions_destroy};
}

void CreateTopics(rd_kafka_t* handle, const std::map<std::string, int>& topics) {
  std::vector<NewTopic> owned;
  std::vector<rd_kafka_NewTopic_t*> wanted;
  for (const auto& [topic, partitions] : topics) {
    std::array<char, 256> reason{};
    owned.emplace_back(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason.data(), reason.size()),
        &rd_kafka_NewTopic_destroy);
    if (owned.back() == nullptr) throw std::runtime_error(reason.data());
    wanted.push_back(owned.back().get());
  }
  rdkafka::Queue queue(handle);
  const auto options = Options(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(handle, wanted.data(), wanted.size(), options.get(), queue.get());
  Await(queue);
}

void AddPartitions(rd_kafka_t* handle, const std::string& topic, int partitions) {
  std::array<char, 256> reason{};
  const NewPartitions wanted(
      rd_kafka_NewPartitions_new(
          topic.c_str(), static_cast<std::size_t>(partitions), reason.data(), reason.size()),
      &rd_kafka_NewPartitions_destroy);
  if (wanted == nullptr) throw std::runtime_error(reason.data());
  rd_kafka_NewPartitions_t* one = wanted.get();
  rdkafka::Queue queue(handle);
  const auto options = Options(handle, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS);
  rd_kafka_CreatePartitions(handle, &one, 1, options.get(), queue.get());
  Await(queue);
}

std::string BrokersFrom(const char* variable) {
  const char* brokers = std::getenv(variable);
  if (brokers != nullptr && *brokers != '\0') return brokers;
  std::fputs(
      "SKIPPED: no Kafka. Start one: tests/services/kafka.sh start DIR, and set what it prints.\n",
      stderr);
  std::_Exit(77);
}

void CreateAcl(rd_kafka_t* handle, rd_kafka_AclBinding_t* wanted) {
  rdkafka::Queue queue(handle);
  rd_kafka_CreateAcls(handle, &wanted, 1, nullptr, queue.get());
  const rdkafka::Event event = queue.PollUntil(Deadline::After(kBound));
  if (event == nullptr) throw std::runtime_error("no answer to CreateAcls");
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateAcls_result(event.get());
  const auto** answers = rd_kafka_CreateAcls_result_acls(result, &count);
  if (count != 1) throw std::runtime_error(rd_kafka_event_error_string(event.get()));
  if (const auto* error = rd_kafka_acl_result_error(answers[0]); error != nullptr) {
    throw std::runtime_error(rd_kafka_error_string(error));
  }
}

/// A broker learns of what its controller has accepted a moment later.
bool KnowsAcl(rd_kafka_t* handle, rd_kafka_AclBindingFilter_t* wanted) {
  rdkafka::Queue queue(handle);
  rd_kafka_DescribeAcls(handle, wanted, nullptr, queue.get());
  const rdkafka::Event event = queue.PollUntil(Deadline::After(kBound));
  if (event == nullptr) throw std::runtime_error("no answer to DescribeAcls");
  const auto* result = rd_kafka_event_DescribeAcls_result(event.get());
  if (result == nullptr) throw std::runtime_error(rd_kafka_event_error_string(event.get()));
  std::size_t count = 0;
  rd_kafka_DescribeAcls_result_acls(result, &count);
  return count > 0;
}

}  // namespace

std::string KafkaBrokers() {
  return BrokersFrom("OFFSETSTORE_TEST_KAFKA");
}

std::string KafkaSaslBrokers() {
  return BrokersFrom("OFFSETSTORE_TEST_KAFKA_SASL");
}

std::string KafkaBehindProxy() {
  return BrokersFrom("OFFSETSTORE_TEST_KAFKA_BEHIND");
}

std::string KafkaProxy() {
  return BrokersFrom("OFFSETSTORE_TEST_KAFKA_PROXY");
}

std::unique_ptr<rdkafka::Handle> NewHandle(rd_kafka_type_t type,
                                           const std::string& brokers,
                                           rdkafka::Conf conf) {
  if (const Status set = conf.Set("bootstrap.servers", brokers); !set) {
    throw std::runtime_error(ToString(set.error()));
  }
  auto handle = rdkafka::Handle::Open(type, std::move(conf));
  if (!handle) throw std::runtime_error(ToString(handle.error()));
  return *std::move(handle);
}

void EnsureTopics(const std::string& brokers, std::span<const TopicPartition> partitions) {
  const auto handle = NewHandle(RD_KAFKA_CONSUMER, brokers);
  std::map<std::string, int> wanted;
  for (const TopicPartition& at : partitions) {
    wanted[at.topic] = std::max(wanted[at.topic], at.partition + 1);
  }
  std::map<std::string, int> missing;
  for (const auto& [topic, count] : wanted) {
    const std::size_t found = PartitionCount(handle->get(), topic);
    if (found == 0) {
      missing.emplace(topic, count);
    } else if (found < static_cast<std::size_t>(count)) {
      AddPartitions(handle->get(), topic, count);
    }
  }
  while (!missing.empty()) {
    // A controller refuses a request that makes ten thousand partitions.
    std::map<std::string, int> some;
    for (int sum = 0; !missing.empty() && sum < kMostPartitions;) {
      sum += missing.begin()->second;
      some.insert(missing.extract(missing.begin()));
    }
    CreateTopics(handle->get(), some);
  }
  for (const auto& [topic, count] : wanted) {
    const bool is_there = Eventually(
        [&, name = topic, least = static_cast<std::size_t>(count)] {
          return PartitionCount(handle->get(), name) >= least;
        },
        kBound);
    if (!is_there) throw std::runtime_error("topic " + topic + " does not appear");
  }
}

void LetOnlyDescribe(const std::string& brokers,
                     const std::string& user,
                     const std::string& topic) {
  const auto handle = NewHandle(RD_KAFKA_CONSUMER, brokers);
  const std::string principal = "User:" + user;
  const auto make = [&](auto* of_kind) {
    std::array<char, 256> reason{};
    auto* const made = of_kind(RD_KAFKA_RESOURCE_TOPIC,
                               topic.c_str(),
                               RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                               principal.c_str(),
                               "*",
                               RD_KAFKA_ACL_OPERATION_DESCRIBE,
                               RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
                               reason.data(),
                               reason.size());
    if (made == nullptr) throw std::runtime_error(reason.data());
    return AclBinding(made, &rd_kafka_AclBinding_destroy);
  };
  const AclBinding wanted = make(&rd_kafka_AclBinding_new);
  const AclBinding filter = make(&rd_kafka_AclBindingFilter_new);
  CreateAcl(handle->get(), wanted.get());
  if (!Eventually([&] { return KnowsAcl(handle->get(), filter.get()); }, kBound)) {
    throw std::runtime_error("the access list of " + topic + " does not appear");
  }
}

void Produce(const std::string& brokers, const TopicPartition& at, int count) {
  Produce(brokers, at, std::vector<std::string>(static_cast<std::size_t>(count), "record"));
}

void Produce(const std::string& brokers,
             const TopicPartition& at,
             const std::vector<std::string>& values) {
  const auto producer = NewHandle(RD_KAFKA_PRODUCER, brokers);
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
      rd_kafka_topic_new(producer->get(), at.topic.c_str(), nullptr), &rd_kafka_topic_destroy);
  for (std::string value : values) {
    const int failed = rd_kafka_produce(topic.get(),
                                        at.partition,
                                        RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK,
                                        value.data(),
                                        value.size(),
                                        nullptr,
                                        0,
                                        nullptr);
    if (failed != 0) throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
  }
  const auto bound = static_cast<int>(std::chrono::milliseconds(kBound).count());
  if (rd_kafka_flush(producer->get(), bound) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("the records were not written in time");
  }
}

}  // namespace offsetstore::testing
