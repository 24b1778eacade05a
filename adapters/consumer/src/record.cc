// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "record.h"

namespace offsetstore {
namespace {

std::optional<std::string_view> View(const void* data, std::size_t size) noexcept {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

}  // namespace

KafkaRecord& KafkaRecord::operator=(KafkaRecord&& other) noexcept {
  ticket_ = std::move(other.ticket_);
  message_ = other.message_;
  event_ = std::move(other.event_);
  return *this;
}

std::optional<std::string_view> KafkaRecord::key() const noexcept {
  return View(message_->key, message_->key_len);
}

std::optional<std::string_view> KafkaRecord::value() const noexcept {
  return View(message_->payload, message_->len);
}

std::optional<Time> KafkaRecord::timestamp() const noexcept {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t millis = rd_kafka_message_timestamp(message_, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || millis < 0) return std::nullopt;
  return Time(std::chrono::milliseconds(millis));
}

std::vector<Header> KafkaRecord::headers() const {
  std::vector<Header> found;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    found.push_back({name, View(value, size)});
  }
  return found;
}

}  // namespace offsetstore
