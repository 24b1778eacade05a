// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "demo/kafka.h"

#include <array>
#include <atomic>
#include <functional>

#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

struct AdminDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const noexcept { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const noexcept {
    rd_kafka_DeleteTopic_destroy(topic);
  }
  void operator()(rd_kafka_AdminOptions_t* options) const noexcept {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const noexcept { rd_kafka_event_destroy(event); }
};
template <class T>
using AdminPtr = std::unique_ptr<T, AdminDeleter>;

using TopicResults = const rd_kafka_topic_result_t** (*)(rd_kafka_event_t*, std::size_t*);
using AdminCall = std::function<void(rd_kafka_t*, rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

const rd_kafka_topic_result_t** CreateResults(rd_kafka_event_t* event, std::size_t* count) {
  return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
}

const rd_kafka_topic_result_t** DeleteResults(rd_kafka_event_t* event, std::size_t* count) {
  return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
}

/// Makes one admin call about one topic and waits for its answer.
Status OnTopic(const std::string& brokers,
               const std::string& what,
               const AdminCall& call,
               TopicResults results,
               Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const KafkaPtr<rd_kafka_t> handle,
                      NewKafka(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}}));
  const AdminPtr<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle.get()));
  const AdminPtr<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(handle.get(), RD_KAFKA_ADMIN_OP_ANY));
  const auto wait = static_cast<int>(deadline.Remaining().count());
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), wait, text.data(), text.size());
  call(handle.get(), options.get(), queue.get());
  const AdminPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), wait));
  if (!event) return KafkaError(what, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaError(what, code);
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** topics = results(event.get(), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(topics[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError(what, code);
  }
  return {};
}

/// Counts what was not delivered.
void OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  static_cast<std::atomic<std::uint64_t>*>(opaque)->fetch_add(1);
}

Status ProduceOne(rd_kafka_t* handle,
                  const std::string& topic,
                  std::int32_t partition,
                  std::string value,
                  Deadline deadline) {
  std::array<rd_kafka_vu_t, 4> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = partition;
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem.ptr = value.data();
  parts[2].u.mem.size = value.size();
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  while (true) {
    rd_kafka_error_t* error = rd_kafka_produceva(handle, parts.data(), parts.size());
    if (error == nullptr) return {};
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || deadline.Passed()) {
      return KafkaError("produce to " + topic, code);
    }
    rd_kafka_poll(handle, 10);
  }
}

}  // namespace

Error KafkaError(std::string_view what, rd_kafka_resp_err_t code) {
  Error error =
      MakeError(ErrorCode::kUnavailable, std::string(what) + ": " + rd_kafka_err2str(code));
  error.native = code;
  return error;
}

Result<KafkaPtr<rd_kafka_t>> NewKafka(rd_kafka_type_t type,
                                      const KafkaSettings& settings,
                                      void* opaque) {
  std::array<char, 512> text{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto fail = [&] {
    rd_kafka_conf_destroy(conf);
    return MakeError(ErrorCode::kConfigInvalid, text.data());
  };
  if (rd_kafka_conf_set(conf, "log_level", "0", text.data(), text.size()) != RD_KAFKA_CONF_OK) {
    return fail();
  }
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK) {
      return fail();
    }
  }
  if (opaque != nullptr) {
    rd_kafka_conf_set_opaque(conf, opaque);
    rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  }
  KafkaPtr<rd_kafka_t> handle(rd_kafka_new(type, conf, text.data(), text.size()));
  if (!handle) return fail();
  return handle;
}

Status CreateTopic(const std::string& brokers,
                   const std::string& topic,
                   int partitions,
                   Deadline deadline) {
  std::array<char, 256> text{};
  const AdminPtr<rd_kafka_NewTopic_t> wanted(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text.data(), text.size()));
  if (!wanted) return MakeError(ErrorCode::kInvalidArgument, text.data());
  rd_kafka_NewTopic_t* list = wanted.get();
  return OnTopic(
      brokers,
      "make the topic " + topic + " at " + brokers,
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_CreateTopics(handle, &list, 1, options, queue);
      },
      CreateResults,
      deadline);
}

Status DeleteTopic(const std::string& brokers, const std::string& topic, Deadline deadline) {
  const AdminPtr<rd_kafka_DeleteTopic_t> unwanted(rd_kafka_DeleteTopic_new(topic.c_str()));
  rd_kafka_DeleteTopic_t* list = unwanted.get();
  return OnTopic(
      brokers,
      "delete the topic " + topic + " at " + brokers,
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopics(handle, &list, 1, options, queue);
      },
      DeleteResults,
      deadline);
}

Status ProduceNumbers(const std::string& brokers,
                      const std::string& topic,
                      int partitions,
                      std::uint64_t count,
                      Deadline deadline) {
  std::atomic<std::uint64_t> undelivered{0};
  // Idempotent: a retry inside the client must not write a record twice, or it would count as a
  // repeat of the consumers.
  OS_ASSIGN_OR_RETURN(const KafkaPtr<rd_kafka_t> handle,
                      NewKafka(RD_KAFKA_PRODUCER,
                               {{"bootstrap.servers", brokers}, {"enable.idempotence", "true"}},
                               &undelivered));
  for (std::uint64_t number = 0; number < count; ++number) {
    const auto partition =
        static_cast<std::int32_t>(number % static_cast<std::uint64_t>(partitions));
    OS_RETURN_IF_ERROR(
        ProduceOne(handle.get(), topic, partition, std::to_string(number), deadline));
    if (number % 1000 == 0) rd_kafka_poll(handle.get(), 0);
  }
  const auto code = rd_kafka_flush(handle.get(), static_cast<int>(deadline.Remaining().count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    return KafkaError("produce to " + topic + " at " + brokers, code);
  }
  if (undelivered == 0) return {};
  return MakeError(ErrorCode::kUnavailable,
                   std::to_string(undelivered) + " of " + std::to_string(count) +
                       " records did not reach " + brokers);
}

}  // namespace offsetstore::cli
