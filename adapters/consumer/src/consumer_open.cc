// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "consumer_impl.h"
#include "internal/macros.h"
#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "offsetstore/uri.h"
#include "rdkafka/error.h"
#include "rdkafka/log_range.h"

namespace offsetstore {
namespace {

Error ForUri(const ConsumerConfig& config, std::string_view problem) {
  return MakeError(
      ErrorCode::kConfigInvalid,
      config.uri_where + ": offsetstore.uri=" + Redacted(config.uri) + ": " + std::string(problem));
}

/// Adds the place in the file to what is wrong with the URI itself.
Error AtUri(const ConsumerConfig& config, Error error) {
  if (error.code == ErrorCode::kConfigInvalid) {
    error.message = config.uri_where + ": offsetstore.uri: " + error.message;
  }
  return error;
}

Result<std::unique_ptr<OffsetStore>> OpenWith(const BackendRegistry& registry,
                                              const ConsumerConfig& config,
                                              const ConsumerOptions& options) {
  OpenOptions open;
  open.metrics = options.metrics;
  auto store = OpenStore(registry, config.uri, open, Deadline::After(config.session.store_timeout));
  if (!store) return AtUri(config, std::move(store).error());
  return store;
}

/// Any store but Kafka's own.
Result<std::unique_ptr<OffsetStore>> OpenByUri(const ConsumerConfig& config,
                                               const ConsumerOptions& options) {
  if (options.registry != nullptr) return OpenWith(*options.registry, config, options);
  BackendRegistry registry;
  OS_RETURN_IF_ERROR(RegisterBuiltinBackends(registry));
  return OpenWith(registry, config, options);
}

/// A URI that names brokers must mean the consumer's own cluster: only there is it a member.
Status CheckSameCluster(const ConsumerConfig& config,
                        const ConsumerOptions& options,
                        const std::string& cluster_id) {
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<OffsetStore> named, OpenByUri(config, options));
  const std::string other = named->Info().store_id;
  OS_RETURN_IF_ERROR(named->Close(Deadline::After(config.session.store_timeout)));
  if (other == cluster_id) return {};
  return ForUri(config,
                "that is the Kafka cluster " + Printable(other) + ", the consumer reads from " +
                    Printable(cluster_id) +
                    ": a group cannot commit to another cluster while it lives; write "
                    "offsetstore.uri=kafka: or choose another store");
}

Status OpenMemberStore(const Uri& uri,
                       const std::string& cluster_id,
                       const ConsumerOptions& options,
                       ConsumerParts& parts) {
  const ConsumerConfig& config = parts.config;
  if (config.mirror) {
    return ForUri(config,
                  "offsetstore.mirror=kafka is for other stores: Kafka already is the store");
  }
  if (!uri.hosts.empty()) {
    OS_RETURN_IF_ERROR(CheckSameCluster(config, options, cluster_id));
  } else if (!uri.query.empty()) {
    return ForUri(config,
                  "'" + uri.query.begin()->first +
                      "' does not apply: the consumer's own "
                      "connection is used");
  }
  parts.port = std::make_shared<MemberPort>(parts.handle, config.session.group, cluster_id);
  OpenOptions open;
  open.metrics = options.metrics;
  parts.store = WithLayers(rdkafka::OpenKafkaMemberStore(parts.port), open);
  return {};
}

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

/// A name with a slip of the pen would wait for ever without a word.
Status CheckTopics(const ConsumerParts& parts) {
  const ConsumerConfig& config = parts.config;
  if (config.create_topics) return {};
  const Deadline deadline = Deadline::After(config.session.store_timeout);
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
  Result<Uri> uri = ParseUri(config.uri);
  if (!uri) return AtUri(config, std::move(uri).error());
  const bool member = uri->scheme == "kafka";
  if (!member) {
    OS_ASSIGN_OR_RETURN(parts.store, OpenByUri(config, options));
  }

  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeClientConf(config));
  OS_ASSIGN_OR_RETURN(
      parts.handle,
      rdkafka::Handle::Open(
          RD_KAFKA_CONSUMER, std::move(conf), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_STATS));
  const Deadline deadline = Deadline::After(config.session.store_timeout);
  Result<std::string> cluster_id = parts.handle->ClusterId(deadline);
  if (!cluster_id) {
    Error error = std::move(cluster_id).error();
    error.message = "Kafka at " + config.servers + ": " + error.message;
    return error;
  }
  if (member) OS_RETURN_IF_ERROR(OpenMemberStore(*uri, *cluster_id, options, parts));
  OS_RETURN_IF_ERROR(CheckTopics(parts));

  if (config.mirror) parts.mirror = std::make_shared<Mirror>();
  parts.events = std::make_shared<EventHub>(options.listener, parts.mirror);
  config.session.listener = parts.events;
  config.session.metrics = options.metrics;
  parts.client = std::make_shared<KafkaClient>(parts.handle->get());
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
