// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/backends/kafka.h"

#include <utility>

#include "examine.h"
#include "internal/macros.h"
#include "kafka_store.h"
#include "rdkafka/handle.h"
#include "rdkafka/store_conf.h"
#include "rdkafka/stored.h"

namespace offsetstore {

Result<std::unique_ptr<OffsetStore>> OpenKafkaStore(const KafkaOptions& options,
                                                    Deadline deadline) {
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeConf(options));
  std::string endpoint = Redacted(conf.Get("bootstrap.servers").value_or(""));
  // A consumer handle, not a producer's: asking for a topic's metadata never creates it.
  OS_ASSIGN_OR_RETURN(auto handle, rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf)));
  auto cluster_id = handle->ClusterId(deadline.Sooner(options.connect_timeout));
  if (!cluster_id) return std::move(cluster_id).error().With("brokers", std::move(endpoint));
  StoreInfo info = rdkafka::InfoOfKafka(std::move(endpoint), *std::move(cluster_id));
  info.capabilities.lists_groups = true;
  return std::unique_ptr<OffsetStore>(
      std::make_unique<KafkaStore>(std::move(handle), std::move(info), options.admin_delete));
}

Status RegisterKafkaBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "kafka";
  backend.schemes = {"kafka"};
  backend.summary = "Kafka's own store, __consumer_offsets";
  backend.example = "kafka://b1:9092,b2:9092?config=/etc/kafka/client.properties";
  backend.open = [](const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(const KafkaOptions options, KafkaOptions::FromUri(uri));
    return OpenKafkaStore(options, deadline);
  };
  backend.examine = [](const Uri& uri, Deadline deadline) -> Result<Examination> {
    OS_ASSIGN_OR_RETURN(const KafkaOptions options, KafkaOptions::FromUri(uri));
    return ExamineKafkaStore(options, deadline);
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
