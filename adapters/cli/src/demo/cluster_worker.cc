// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "console.h"
#include "demo/kafka.h"
#include "demo/workers.h"

namespace offsetstore::cli {
namespace {

struct ClusterWorkerArguments {
  std::string topic;
  int partitions = 1;
};

struct ClusterDeleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const noexcept {
    rd_kafka_mock_cluster_destroy(cluster);
  }
};

ExitCode RunCluster(const ClusterWorkerArguments& arguments) {
  const auto handle = NewKafka(RD_KAFKA_PRODUCER, {});
  if (!handle) return Fail(handle.error());
  const std::unique_ptr<rd_kafka_mock_cluster_t, ClusterDeleter> cluster(
      rd_kafka_mock_cluster_new(handle->get(), 1));
  if (!cluster) return Fail(MakeError(ErrorCode::kInternal, "librdkafka made no mock cluster"));
  const auto code =
      rd_kafka_mock_topic_create(cluster.get(), arguments.topic.c_str(), arguments.partitions, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Fail(KafkaError("make the topic", code));
  const ExitCode said = Print(std::string(rd_kafka_mock_cluster_bootstraps(cluster.get())) + "\n");
  if (said != ExitCode::kDone) return said;
  // Until this process is killed.
  while (true) ::pause();
}

}  // namespace

void AddDemoCluster(CLI::App& app, Job& job) {
  CLI::App* command = app.add_subcommand("demo-cluster")->group("");
  const auto arguments = std::make_shared<ClusterWorkerArguments>();  // shared with the job
  command->add_option("--topic", arguments->topic)->required();
  command->add_option("--partitions", arguments->partitions)->required();
  command->callback([&job, arguments] { job = [arguments] { return RunCluster(*arguments); }; });
}

}  // namespace offsetstore::cli
