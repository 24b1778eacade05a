// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "internal/macros.h"
#include "internal/password_keys.h"
#include "offsetstore/backends/kafka.h"

namespace offsetstore {
namespace {

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

std::string BrokersOf(const Uri& uri) {
  std::string brokers;
  for (const Uri::Host& host : uri.hosts) {
    if (!brokers.empty()) brokers += ',';
    const bool is_ipv6 = host.name.find(':') != std::string::npos && host.name.front() != '[';
    brokers += is_ipv6 ? "[" + host.name + "]" : host.name;
    if (host.port) brokers += ":" + std::to_string(*host.port);
  }
  return brokers;
}

Status CheckShape(const Uri& uri) {
  if (!uri.has_authority) {
    return Invalid(
        "'kafka:' without brokers is the handle of a consumer and can be used only in its own "
        "configuration (offsetstore.uri=kafka:); from outside write kafka://broker:9092");
  }
  if (!uri.path.empty() && uri.path != "/") {
    return Invalid("kafka://" + BrokersOf(uri) + " takes no path, this has '" +
                   Printable(uri.path) + "'");
  }
  if (uri.query.contains("space")) {
    return Invalid("space= has no meaning for Kafka: a cluster's groups are one space");
  }
  return {};
}

}  // namespace

Result<KafkaOptions> KafkaOptions::FromUri(const Uri& uri) {
  OS_RETURN_IF_ERROR(CheckShape(uri));
  KafkaOptions options;
  options.brokers = BrokersOf(uri);
  options.user = uri.user;
  options.password = uri.password;
  QueryReader query(uri);
  internal::KnowPasswordKeys(query);
  const std::string config = query.String("config", "");
  options.connect_timeout = query.Duration("connect-timeout", options.connect_timeout);
  options.admin_delete = query.Bool("admin-delete", false);
  OS_RETURN_IF_ERROR(query.Finish());
  if (!config.empty()) {
    OS_ASSIGN_OR_RETURN(options.properties, ReadProperties(config));
  }
  return options;
}

}  // namespace offsetstore
