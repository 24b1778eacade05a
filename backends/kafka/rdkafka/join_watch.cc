// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/join_watch.h"

#include <cstddef>

namespace offsetstore::rdkafka {
namespace {

constexpr const char* kWatchName = "offsetstore-join";
// Request kinds of Kafka's protocol.
constexpr std::int16_t kJoinGroup = 11;
constexpr std::int16_t kSyncGroup = 14;

// The parameters of both are librdkafka's.
// NOLINTNEXTLINE(readability-function-size)
extern "C" rd_kafka_resp_err_t WatchSent(rd_kafka_t* /*handle*/,
                                         int /*socket*/,
                                         const char* /*broker*/,
                                         std::int32_t /*broker_id*/,
                                         std::int16_t request,
                                         std::int16_t /*version*/,
                                         std::int32_t /*correlation*/,
                                         std::size_t /*size*/,
                                         void* watch) {
  static_cast<JoinWatch*>(watch)->Sent(request);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// NOLINTNEXTLINE(readability-function-size)
extern "C" rd_kafka_resp_err_t WatchAnswered(rd_kafka_t* /*handle*/,
                                             int /*socket*/,
                                             const char* /*broker*/,
                                             std::int32_t /*broker_id*/,
                                             std::int16_t request,
                                             std::int16_t /*version*/,
                                             std::int32_t /*correlation*/,
                                             std::size_t /*size*/,
                                             std::int64_t /*rtt*/,
                                             rd_kafka_resp_err_t /*failed*/,
                                             void* watch) {
  static_cast<JoinWatch*>(watch)->Answered(request);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

extern "C" rd_kafka_resp_err_t WatchNew(rd_kafka_t* handle,
                                        const rd_kafka_conf_t* /*conf*/,
                                        void* watch,
                                        char* /*reason*/,
                                        std::size_t /*reason_size*/) {
  const rd_kafka_resp_err_t failed =
      rd_kafka_interceptor_add_on_request_sent(handle, kWatchName, &WatchSent, watch);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return failed;
  return rd_kafka_interceptor_add_on_response_received(handle, kWatchName, &WatchAnswered, watch);
}

}  // namespace

// Adding fails only where the same function was added before.
void JoinWatch::Watch(Conf& conf) {
  rd_kafka_conf_interceptor_add_on_new(conf.get(), kWatchName, &WatchNew, this);
}

void JoinWatch::Sent(std::int16_t request) noexcept {
  if (request == kJoinGroup) joining_ = true;
}

// A JoinGroup that failed is sent again: the member has no generation until a SyncGroup after it
// was answered. One that failed is followed by another JoinGroup.
void JoinWatch::Answered(std::int16_t request) noexcept {
  if (request == kSyncGroup) joining_ = false;
}

}  // namespace offsetstore::rdkafka
