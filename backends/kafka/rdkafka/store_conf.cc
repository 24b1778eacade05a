// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/store_conf.h"

#include <string_view>
#include <utility>

#include "internal/macros.h"

namespace offsetstore {
namespace {

using rdkafka::Conf;

/// Keys of a consumer's file that mean nothing here: this handle never joins a group, and the
/// adapter's own keys are not librdkafka's.
bool IsLeftOut(std::string_view key) {
  return key.starts_with("offsetstore.") || key == "topics" || key == "assign" ||
         key == "group.instance.id" || key == "group.protocol" || key == "group.remote.assignor";
}

bool IsBrokerList(std::string_view key) {
  return key == "bootstrap.servers" || key == "metadata.broker.list";
}

/// What suits a tool better than librdkafka's defaults; a file's value comes before it.
Status SetDefaults(Conf& conf) {
  OS_RETURN_IF_ERROR(conf.Set("client.id", "offsetstore"));
  // Never joined. But a handle without a group makes librdkafka (2.0.2 to 2.16 at least) write
  // through a null pointer when the coordinator of a group that it reads has moved.
  OS_RETURN_IF_ERROR(conf.Set("group.id", "offsetstore"));
  // The default of 10 s is longer than many a deadline.
  return conf.Set("reconnect.backoff.max.ms", "1000");
}

Status SetProperties(Conf& conf, const KafkaOptions& options) {
  for (const Property& property : options.properties.entries) {
    if (IsLeftOut(property.key)) continue;
    if (IsBrokerList(property.key) && !options.brokers.empty() &&
        property.value != options.brokers) {
      return MakeError(ErrorCode::kConfigInvalid,
                       options.properties.Where(property) + ": " + property.key + "=" +
                           Printable(property.value) + ", but the URI names " + options.brokers +
                           "; give the brokers once");
    }
    OS_RETURN_IF_ERROR(conf.Set(options.properties, property));
  }
  return {};
}

Status SetUser(Conf& conf, const KafkaOptions& options) {
  if (options.user.empty()) return {};
  const std::string protocol = conf.Get("security.protocol").value_or("");
  if (!protocol.starts_with("sasl")) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "a user needs security.protocol=SASL_SSL (or SASL_PLAINTEXT) and "
                     "sasl.mechanism in the file of config=; without them it would not be sent");
  }
  OS_RETURN_IF_ERROR(conf.Set("sasl.username", options.user));
  return conf.Set("sasl.password", options.password);
}

}  // namespace

Result<Conf> MakeConf(const KafkaOptions& options) {
  Conf conf;
  OS_RETURN_IF_ERROR(SetDefaults(conf));
  OS_RETURN_IF_ERROR(SetProperties(conf, options));
  if (!options.brokers.empty()) {
    OS_RETURN_IF_ERROR(conf.Set("bootstrap.servers", options.brokers));
  }
  OS_RETURN_IF_ERROR(SetUser(conf, options));
  if (conf.Get("bootstrap.servers").value_or("").empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "no brokers: write kafka://host:9092, or bootstrap.servers in the file of "
                     "config=");
  }
  return conf;
}

}  // namespace offsetstore
