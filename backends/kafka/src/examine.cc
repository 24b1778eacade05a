// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "internal/macros.h"
#include "rdkafka/error.h"
#include "rdkafka/handle.h"
#include "rdkafka/store_conf.h"
#include "rdkafka/stored.h"

namespace offsetstore {
namespace {

constexpr const char* kOffsetsTopic = "__consumer_offsets";

struct DestroyTopic {
  void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};
struct DestroyMetadata {
  void operator()(const rd_kafka_metadata_t* metadata) const noexcept {
    rd_kafka_metadata_destroy(metadata);
  }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, DestroyMetadata>;

/// A consumer's handle never makes a topic by asking for it.
Result<Metadata> AskForTopic(rd_kafka_t* handle, Deadline deadline) {
  const std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic(
      rd_kafka_topic_new(handle, kOffsetsTopic, nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto left = static_cast<int>(std::max<Duration::rep>(1, deadline.Remaining().count()));
  const rd_kafka_resp_err_t failed = rd_kafka_metadata(handle, 0, topic.get(), &metadata, left);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return rdkafka::ToError(failed, rdkafka::Effect::kRead, "look at __consumer_offsets");
  }
  return Metadata(metadata);
}

Finding Copies(const rd_kafka_metadata_t& metadata) {
  if (metadata.topic_cnt != 1 || metadata.topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR ||
      metadata.topics[0].partition_cnt == 0) {
    return {"replicas",
            Grade::kUnknown,
            "__consumer_offsets cannot be seen: not made before the first commit, or no DESCRIBE "
            "on it",
            {}};
  }
  const rd_kafka_metadata_topic& topic = metadata.topics[0];
  int copies = topic.partitions[0].replica_cnt;
  int lagging = 0;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    copies = std::min(copies, topic.partitions[i].replica_cnt);
    if (topic.partitions[i].isr_cnt < topic.partitions[i].replica_cnt) ++lagging;
  }
  Finding finding{"replicas",
                  Grade::kOk,
                  "__consumer_offsets is kept " + std::to_string(copies) + " times",
                  {}};
  if (copies < 2) {
    finding.grade = Grade::kWarning;
    finding.detail =
        "__consumer_offsets is kept on one broker alone: with its disk all positions "
        "are lost";
    finding.advice = "offsets.topic.replication.factor=3 before the first commit, or reassign it";
  } else if (lagging > 0) {
    finding.grade = Grade::kWarning;
    finding.detail +=
        "; of " + std::to_string(lagging) + " partition(s) not all copies are in sync";
    finding.advice = "bring the missing brokers back";
  }
  return finding;
}

}  // namespace

Result<Examination> ExamineKafkaStore(const KafkaOptions& options, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeConf(options));
  std::string endpoint = Redacted(conf.Get("bootstrap.servers").value_or(""));
  OS_ASSIGN_OR_RETURN(auto handle, rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf)));
  auto cluster_id = handle->ClusterId(deadline.Sooner(options.connect_timeout));
  if (!cluster_id) return std::move(cluster_id).error().With("brokers", std::move(endpoint));
  Examination examination{rdkafka::InfoOfKafka(std::move(endpoint), *std::move(cluster_id)), {}};
  examination.info.capabilities.lists_groups = true;
  OS_ASSIGN_OR_RETURN(const Metadata metadata, AskForTopic(handle->get(), deadline));
  auto& findings = examination.findings;
  findings.push_back(
      {std::string(kVersionCheck),
       Grade::kOk,
       std::string("librdkafka ") + rd_kafka_version_str() + "; brokers do not tell their version",
       {}});
  findings.push_back({std::string(kRightsCheck),
                      Grade::kUnknown,
                      "brokers tell them only with each call: READ on the group and on its topics, "
                      "DELETE on the group to remove positions",
                      {}});
  findings.push_back(Copies(*metadata));
  findings.push_back({"retention",
                      Grade::kUnknown,
                      "a group without members loses its positions after the brokers' "
                      "offsets.retention.minutes (7 days by default)",
                      {}});
  OS_RETURN_IF_ERROR(handle->Close(deadline));
  return examination;
}

}  // namespace offsetstore
