// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/broker_config.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "internal/macros.h"
#include "rdkafka/admin_options.h"
#include "rdkafka/error.h"
#include "rdkafka/handle.h"

namespace offsetstore::rdkafka {
namespace {

Result<std::vector<std::int32_t>> Brokers(rd_kafka_t* handle, Deadline deadline) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t native = rd_kafka_metadata(
      handle, 0, nullptr, &metadata, static_cast<int>(deadline.Remaining().count()));
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(native, Effect::kRead, "list of the brokers");
  }
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> owned(
      metadata, &rd_kafka_metadata_destroy);
  std::vector<std::int32_t> ids;
  ids.reserve(static_cast<std::size_t>(metadata->broker_cnt));
  for (int i = 0; i < metadata->broker_cnt; ++i) ids.push_back(metadata->brokers[i].id);
  return ids;
}

std::string What(const std::string& name, std::string_view broker) {
  return name + " of broker " + std::string(broker);
}

/// One broker a call: librdkafka takes no more.
void Send(rd_kafka_t* handle, std::int32_t broker, const Queue& queue, Deadline deadline) {
  const AdminOptions options(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker).c_str());
  rd_kafka_DescribeConfigs(handle, &resource, 1, options.get(), queue.get());
  rd_kafka_ConfigResource_destroy(resource);
}

Result<std::string> ReadValue(const rd_kafka_ConfigResource_t* resource, const std::string& name) {
  const std::string what = What(name, rd_kafka_ConfigResource_name(resource));
  if (const auto native = rd_kafka_ConfigResource_error(resource)) {
    const char* why = rd_kafka_ConfigResource_error_string(resource);
    return ToError(native, Effect::kRead, what, why == nullptr ? "" : why);
  }
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigEntry_name(entries[i]) != name) continue;
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) return std::string(value);
  }
  return MakeError(ErrorCode::kUnsupported, what + ": the broker names no such configuration");
}

Status ReadEvent(rd_kafka_event_t* event,
                 const std::string& name,
                 std::map<std::int32_t, std::string>& values) {
  if (const auto native = rd_kafka_event_error(event)) {
    return ToError(native, Effect::kRead, What(name, "?"), rd_kafka_event_error_string(event));
  }
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** resources =
      rd_kafka_DescribeConfigs_result_resources(event, &count);
  for (std::size_t i = 0; i < count; ++i) {
    OS_ASSIGN_OR_RETURN(std::string value, ReadValue(resources[i], name));
    values[std::stoi(rd_kafka_ConfigResource_name(resources[i]))] = std::move(value);
  }
  return {};
}

}  // namespace

Result<std::map<std::int32_t, std::string>> BrokerConfig(rd_kafka_t* handle,
                                                         const std::string& name,
                                                         Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::int32_t> brokers, Brokers(handle, deadline));
  Queue queue(handle);
  for (const std::int32_t broker : brokers) Send(handle, broker, queue, deadline);
  std::map<std::int32_t, std::string> values;
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    const Event event = queue.PollUntil(deadline);
    if (event == nullptr) {
      return ToError(RD_KAFKA_RESP_ERR__TIMED_OUT, Effect::kRead, name + " of the brokers");
    }
    OS_RETURN_IF_ERROR(ReadEvent(event.get(), name, values));
  }
  return values;
}

}  // namespace offsetstore::rdkafka
