// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// librdkafka's transactional calls, each between two points of `mortal.h`: the program's own
// symbols come before those of the library.
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <string>

#include "mortal.h"

namespace {

template <class Function, class... Args>
rd_kafka_error_t* Between(const std::string& point, const char* name, Args... args) {
  const auto call = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
  if (call == nullptr) std::abort();
  offsetstore::testing::Pass("before " + point);
  rd_kafka_error_t* const answer = call(args...);
  offsetstore::testing::Pass("after " + point);
  return answer;
}

}  // namespace

extern "C" {

rd_kafka_error_t* rd_kafka_init_transactions(rd_kafka_t* producer, int timeout_ms) {
  using Function = decltype(&rd_kafka_init_transactions);
  return Between<Function>("init", "rd_kafka_init_transactions", producer, timeout_ms);
}

rd_kafka_error_t* rd_kafka_begin_transaction(rd_kafka_t* producer) {
  using Function = decltype(&rd_kafka_begin_transaction);
  return Between<Function>("begin", "rd_kafka_begin_transaction", producer);
}

rd_kafka_error_t* rd_kafka_send_offsets_to_transaction(
    rd_kafka_t* producer,
    const rd_kafka_topic_partition_list_t* positions,
    const rd_kafka_consumer_group_metadata_t* member,
    int timeout_ms) {
  using Function = decltype(&rd_kafka_send_offsets_to_transaction);
  return Between<Function>(
      "positions", "rd_kafka_send_offsets_to_transaction", producer, positions, member, timeout_ms);
}

rd_kafka_error_t* rd_kafka_commit_transaction(rd_kafka_t* producer, int timeout_ms) {
  using Function = decltype(&rd_kafka_commit_transaction);
  return Between<Function>("commit", "rd_kafka_commit_transaction", producer, timeout_ms);
}

}  // extern "C"
