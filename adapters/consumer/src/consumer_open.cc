// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "consumer_impl.h"
#include "consumer_store.h"
#include "internal/macros.h"
#include "output_producer.h"
#include "rdkafka/error.h"
#include "rdkafka/log_range.h"

namespace offsetstore {
namespace {

Status CheckTopic(const ConsumerParts& parts,
                  const std::string& topic,
                  Deadline deadline,
                  std::map<std::int32_t, std::int32_t>& leaders) {
  auto found = rdkafka::Leaders(parts.handle->get(), topic, deadline);
  if (found) {
    leaders = *std::move(found);
    return {};
  }
  Error error = std::move(found).error();
  error.message = parts.config.client.source + ": topic '" + topic + "' on " +
                  parts.config.servers + ": " + error.message;
  return error;
}

/// Results in topics, positions in the group, both in one transaction of the brokers.
Status CheckKafkaToKafka(const ConsumerParts& parts) {
  if (parts.config.IsStatic()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "assign joins no group, and the group's generation is all that keeps a "
                     "second consumer from moving the same positions; write topics=NAME in place "
                     "of assign");
  }
  OS_ASSIGN_OR_RETURN(const rdkafka::Conf conf, OutputConfOf(parts.handle->get()));
  return CheckOutput(conf);
}

Error AtMode(const std::string& mode, Error error) {
  error.message = mode + ": " + error.message;
  return error;
}

/// A promise that the store cannot keep is refused before anything is read.
Status CheckDelivery(ConsumerParts& parts) {
  const StoreInfo& info = parts.store->Info();
  const Capabilities& can = info.capabilities;
  const std::string mode = parts.config.client.source +
                           ": offsetstore.delivery=" + std::string(ToString(parts.config.delivery));
  switch (parts.config.delivery) {
    case Delivery::kAtLeastOnce:
      return {};
    case Delivery::kAtMostOnce:
      if (can.fenced_commits && can.conditional_commits) return {};
      return MakeError(ErrorCode::kConfigInvalid,
                       mode + ": " + info.scheme +
                           " keeps no claims, by which a batch is known to be nobody else's; write "
                           "at-least-once, or choose another store");
    case Delivery::kExactlyOnce:
      break;
  }
  if (can.in_callers_transaction) return {};
  if (parts.port != nullptr && parts.config.stores.size() == 1) {
    parts.config.session.fenced_by_group = true;
    Status output = CheckKafkaToKafka(parts);
    if (!output) output = AtMode(mode + " with kafka:", std::move(output).error());
    return output;
  }
  return MakeError(ErrorCode::kConfigInvalid,
                   mode + ": " + info.scheme +
                       " cannot share a transaction with your results; the nearest that works is "
                       "at-least-once with a handler that bears a repeat (an upsert by topic, "
                       "partition and offset), or a store in the database of the results "
                       "(sqlite:, postgresql:; kafka: where they are Kafka topics)");
}

/// A name with a slip of the pen would wait for ever without a word.
Status CheckTopics(const ConsumerParts& parts, Deadline deadline) {
  const ConsumerConfig& config = parts.config;
  if (config.create_topics) return {};
  std::map<std::int32_t, std::int32_t> leaders;
  for (const std::string& topic : config.topics) {
    if (!topic.starts_with('^')) OS_RETURN_IF_ERROR(CheckTopic(parts, topic, deadline, leaders));
  }
  const std::string* topic = nullptr;
  for (const TopicPartition& at : config.assign) {
    if (topic == nullptr || *topic != at.topic) {
      OS_RETURN_IF_ERROR(CheckTopic(parts, at.topic, deadline, leaders));
    }
    topic = &at.topic;
    if (!leaders.contains(at.partition)) {
      return MakeError(ErrorCode::kConfigInvalid,
                       config.client.source + ": assign: there is no " + ToString(at) +
                           ": the topic has " + std::to_string(leaders.size()) + " partitions");
    }
  }
  return {};
}

}  // namespace

Result<ConsumerParts> OpenParts(const Properties& properties, const ConsumerOptions& options) {
  ConsumerParts parts;
  OS_ASSIGN_OR_RETURN(parts.config, ReadConsumerConfig(properties));
  ConsumerConfig& config = parts.config;
  if (config.mirror) parts.mirror = std::make_shared<Mirror>();
  parts.events = std::make_shared<EventHub>(options.listener, parts.mirror);
  StoreOpener stores(options, parts);
  // What is wrong with the store is told before brokers are looked for.
  OS_RETURN_IF_ERROR(stores.OpenOthers());

  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeClientConf(config));
  OS_ASSIGN_OR_RETURN(
      parts.handle,
      rdkafka::Handle::Open(
          RD_KAFKA_CONSUMER, std::move(conf), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_STATS));
  const Duration timeout = config.session.store_timeout;
  Result<std::string> cluster_id = parts.handle->ClusterId(options.open_by.Sooner(timeout));
  if (!cluster_id) {
    Error error = std::move(cluster_id).error();
    error.message = "Kafka at " + config.servers + ": " + error.message;
    return error;
  }
  OS_RETURN_IF_ERROR(stores.OpenKafka(*cluster_id));
  OS_ASSIGN_OR_RETURN(parts.store, stores.Join());
  OS_RETURN_IF_ERROR(CheckDelivery(parts));
  OS_RETURN_IF_ERROR(CheckTopics(parts, options.open_by.Sooner(timeout)));

  config.session.listener = parts.events;
  config.session.metrics = options.metrics;
  parts.client = std::make_shared<KafkaClient>(parts.handle->get());
  parts.max_records = options.max_records;
  return parts;
}

Result<std::unique_ptr<Consumer>> Consumer::Open(const std::filesystem::path& file,
                                                 const ConsumerOptions& options) {
  OS_ASSIGN_OR_RETURN(const Properties properties, ReadProperties(file));
  return Open(properties, options);
}

Result<std::unique_ptr<Consumer>> Consumer::Open(const Properties& properties,
                                                 const ConsumerOptions& options) {
  OS_ASSIGN_OR_RETURN(ConsumerParts parts, OpenParts(properties, options));
  auto consumer = std::make_unique<ConsumerImpl>(std::move(parts));
  OS_RETURN_IF_ERROR(consumer->Init());
  return std::unique_ptr<Consumer>(std::move(consumer));
}

}  // namespace offsetstore
