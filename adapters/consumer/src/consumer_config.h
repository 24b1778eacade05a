// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a properties file means for the consumer: our keys with their types, librdkafka's as they
// are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/layers/dual.h"
#include "offsetstore/properties.h"
#include "offsetstore/result.h"
#include "offsetstore/session.h"
#include "rdkafka/conf.h"

namespace offsetstore {

/// What follows when the handler failed on a record.
enum class OnError : std::uint8_t { kStop, kRetry, kSkip };

/// What a kill may do to a record's effect: repeat it, lose it, or neither.
enum class Delivery : std::uint8_t { kAtLeastOnce, kAtMostOnce, kExactlyOnce };
/// As `offsetstore.delivery` is written.
[[nodiscard]] std::string_view ToString(Delivery delivery) noexcept;

/// When a batch is full: whatever comes first.
struct BatchLimits {
  std::size_t records = 0;
  std::size_t bytes = 0;
  Duration interval{0};
};

/// A store that the configuration names.
struct StoreUri {
  std::string key;    ///< `offsetstore.uri`, `offsetstore.dual.secondary`.
  std::string text;   ///< May hold a secret: print `Redacted(text)` only.
  std::string where;  ///< `app.properties:4`.
};

struct ConsumerConfig {
  std::vector<std::string> topics;  ///< Subscribed; empty under static assignment.
  Partitions assign;                ///< Static assignment; empty in a group.
  std::string uri;                  ///< As written; `stores` says what they mean.
  std::string dual_primary;         ///< The same.
  std::string dual_secondary;       ///< The same.
  std::vector<StoreUri> stores;     ///< One, or the primary and the secondary of a dual.
  Duration secondary_timeout = DualOptions{}.secondary_timeout;
  SessionOptions session;
  Delivery delivery = Delivery::kAtLeastOnce;
  BatchLimits batch;
  std::size_t workers = 1;
  OnError on_error = OnError::kStop;
  Duration backoff{0};
  Duration backoff_max{0};
  bool mirror = false;
  bool report_end = false;      ///< `enable.partition.eof` as the user wrote it.
  bool create_topics = false;   ///< `allow.auto.create.topics`.
  std::size_t queue_bytes = 0;  ///< `queued.max.messages.kbytes`: bounds our queue as well.
  std::string servers;          ///< `bootstrap.servers`, for messages.
  Properties client;            ///< librdkafka's keys as written.

  [[nodiscard]] bool IsStatic() const noexcept { return !assign.empty(); }
};

/// One key of ours. The table of these is the only place that knows their names, defaults and
/// reasons; `docs/configuration.md` shows it.
struct ConsumerKey {
  std::string_view name;
  std::string_view fallback;  ///< The default, parsed like a value; empty = none.
  std::string_view values;
  std::string_view text;  ///< What it does, and why the default is what it is.
  Status (*parse)(std::string_view value, ConsumerConfig& config);
};
[[nodiscard]] std::span<const ConsumerKey> ConsumerKeys();

/// Reads and checks everything that can be checked without a store or a broker. `ConfigInvalid`
/// with file, line and what to write instead.
[[nodiscard]] Result<ConsumerConfig> ReadConsumerConfig(const Properties& properties);

/// librdkafka's configuration for the consumer: the user's keys, then those that we own.
[[nodiscard]] Result<rdkafka::Conf> MakeClientConf(const ConsumerConfig& config);

}  // namespace offsetstore
