// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/conf.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "offsetstore/units.h"
#include "offsetstore/uri.h"

namespace offsetstore::rdkafka {
namespace {

Error UnknownKey(const std::string& key) {
  std::string message = "librdkafka " + std::string(rd_kafka_version_str()) +
                        " knows no configuration key '" + Printable(key) + "'";
  const std::vector<std::string> known = Conf::KnownKeys();
  const std::string_view nearest = Nearest(key, known);
  if (!nearest.empty()) message += "; did you mean '" + std::string(nearest) + "'?";
  return MakeError(ErrorCode::kConfigInvalid, std::move(message)).With("key", key);
}

Error BadValue(const std::string& key, const std::string& value, std::string_view reason) {
  std::string message = "librdkafka refuses " + key + "=";
  if (IsSecretKey(key)) {
    // Its reason may quote the value.
    message += "***";
  } else {
    message += Printable(value) + ": " + Redacted(reason);
  }
  return MakeError(ErrorCode::kConfigInvalid, std::move(message)).With("key", key);
}

}  // namespace

Conf::Conf() : conf_(rd_kafka_conf_new()) {}

Conf Conf::CopyOf(rd_kafka_t* handle) {
  Conf copy(rd_kafka_conf_dup(rd_kafka_conf(handle)));
  rd_kafka_conf_set_error_cb(copy.get(), nullptr);
  rd_kafka_conf_set_throttle_cb(copy.get(), nullptr);
  rd_kafka_conf_set_stats_cb(copy.get(), nullptr);
  rd_kafka_conf_set_rebalance_cb(copy.get(), nullptr);
  rd_kafka_conf_set_offset_commit_cb(copy.get(), nullptr);
  rd_kafka_conf_set_consume_cb(copy.get(), nullptr);
  return copy;
}

Status Conf::Set(const std::string& key, const std::string& value) {
  std::array<char, 512> reason{};
  switch (
      rd_kafka_conf_set(conf_.get(), key.c_str(), value.c_str(), reason.data(), reason.size())) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return UnknownKey(key);
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  return BadValue(key, value, reason.data());
}

Status Conf::Set(const Properties& from, const Property& property) {
  Status status = Set(property.key, property.value);
  if (status) return status;
  Error error = std::move(status).error();
  error.message = from.Where(property) + ": " + error.message;
  return error;
}

std::optional<std::string> Conf::Get(const std::string& key) const {
  std::size_t size = 0;
  if (rd_kafka_conf_get(conf_.get(), key.c_str(), nullptr, &size) != RD_KAFKA_CONF_OK) {
    return std::nullopt;
  }
  std::string value(size, '\0');
  if (rd_kafka_conf_get(conf_.get(), key.c_str(), value.data(), &size) != RD_KAFKA_CONF_OK) {
    return std::nullopt;
  }
  value.resize(value.find('\0') == std::string::npos ? value.size() : value.find('\0'));
  return value;
}

std::vector<std::string> Conf::KnownKeys() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* memory = ::open_memstream(&text, &size);
  if (memory == nullptr) return {};
  rd_kafka_conf_properties_show(memory);
  const int closed = std::fclose(memory);
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  if (closed != 0) return {};
  // A table: `name | C/P | range | default | importance | description`, and headings.
  std::vector<std::string> keys;
  std::istringstream table(std::string(text, size));
  for (std::string line; std::getline(table, line);) {
    const std::size_t end = line.find(' ');
    if (line.find('|') == std::string::npos || end == 0 || end == std::string::npos) continue;
    const std::string key = line.substr(0, end);
    const bool is_key =
        key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
    if (is_key && key.find_first_not_of('-') != std::string::npos) keys.push_back(key);
  }
  return keys;
}

}  // namespace offsetstore::rdkafka
