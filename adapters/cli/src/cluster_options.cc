// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "cluster_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "command.h"
#include "internal/macros.h"
#include "offsetstore/uri.h"
#ifdef OFFSETCTL_ZOOKEEPER
#include "offsetstore/migration/zookeeper_watch.h"
#endif

namespace offsetstore::cli {
namespace {

using migration::GroupWatch;
using migration::KafkaCluster;

bool IsKafka([[maybe_unused]] const Uri& uri) {
#ifdef OFFSETCTL_KAFKA
  return uri.scheme == "kafka";
#else
  return false;
#endif
}

Result<KafkaOptions> OptionsOf([[maybe_unused]] const Uri& uri) {
#ifdef OFFSETCTL_KAFKA
  return KafkaOptions::FromUri(uri);
#else
  return MakeError(ErrorCode::kUnsupported, "built without kafka://");
#endif
}

}  // namespace

void AddClusterArguments(CLI::App& command, ClusterArguments& arguments) {
  AddText(command,
          "--brokers",
          arguments.brokers,
          "The brokers of the topics; by default those of a kafka:// store")
      ->type_name("HOST:PORT,...");
  AddText(command,
          "--config",
          arguments.config,
          "A properties file of librdkafka's keys for them (TLS, SASL)")
      ->type_name("FILE");
}

Result<KafkaOptions> ClusterOf(const ClusterArguments& arguments, const std::string& store_uri) {
  OS_ASSIGN_OR_RETURN(const Uri uri, ParseUri(store_uri));
  if (!arguments.Given() && IsKafka(uri)) return OptionsOf(uri);
  KafkaOptions options;
  options.brokers = arguments.brokers;
  if (!arguments.config.empty()) {
    OS_ASSIGN_OR_RETURN(options.properties, ReadProperties(arguments.config));
  }
  if (arguments.Given()) return options;
  return MakeError(ErrorCode::kInvalidArgument,
                   "the logs are in Kafka, and this store is not: name the cluster with "
                   "--brokers host:9092 or --config FILE");
}

Result<std::unique_ptr<KafkaCluster>> OpenClusterIfAny(const ClusterArguments& arguments,
                                                       const std::string& store_uri,
                                                       Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const Uri uri, ParseUri(store_uri));
  if (!arguments.Given() && !IsKafka(uri)) return std::unique_ptr<KafkaCluster>();
  OS_ASSIGN_OR_RETURN(const KafkaOptions options, ClusterOf(arguments, store_uri));
  return KafkaCluster::Open(options, deadline);
}

Result<std::unique_ptr<GroupWatch>> OpenWatch(const std::string& store_uri, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const Uri uri, ParseUri(store_uri));
  if (IsKafka(uri)) {
    OS_ASSIGN_OR_RETURN(const KafkaOptions options, OptionsOf(uri));
    OS_ASSIGN_OR_RETURN(auto cluster, KafkaCluster::Open(options, deadline));
    return std::unique_ptr<GroupWatch>(std::move(cluster));
  }
#ifdef OFFSETCTL_ZOOKEEPER
  if (uri.scheme == "zookeeper") {
    OS_ASSIGN_OR_RETURN(ZooKeeperOptions options, ZooKeeperOptions::FromUri(uri));
    return std::unique_ptr<GroupWatch>(
        std::make_unique<migration::ZooKeeperWatch>(std::move(options)));
  }
#endif
  return std::unique_ptr<GroupWatch>();
}

}  // namespace offsetstore::cli
