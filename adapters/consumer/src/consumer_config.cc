// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "consumer_config.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "config_values.h"
#include "internal/macros.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/units.h"
#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

/// librdkafka's keys that we own. A value that says what we do anyway is let pass.
struct Refused {
  std::string_view key;
  std::string_view harmless;  ///< `false`: let that value pass; empty: none.
  std::string_view instead;
};
constexpr std::array kRefused = std::to_array<Refused>({
    {"enable.auto.commit",
     "false",
     "offsetstore commits after processing; remove the line, or write enable.auto.commit=false"},
    {"auto.commit.enable",
     "false",
     "offsetstore commits after processing; remove the line, or write enable.auto.commit=false"},
    {"enable.auto.offset.store",
     "false",
     "offsetstore keeps track of what is processed; remove the line, or write "
     "enable.auto.offset.store=false"},
    {"offset.store.method",
     "",
     "write offsetstore.uri=file:///DIR to keep positions in files, offsetstore.uri=kafka: to keep "
     "them in Kafka"},
    {"offset.store.path", "", "write offsetstore.uri=file:///DIR"},
    {"offset.store.sync.interval.ms",
     "",
     "write offsetstore.uri=file:///DIR?sync=interval&sync-interval=1s"},
});

Error At(const Properties& properties, const Property& property, std::string_view problem) {
  return MakeError(ErrorCode::kConfigInvalid,
                   properties.Where(property) + ": " + Printable(property.key) + ": " +
                       std::string(problem))
      .With("key", property.key);
}

Error Missing(const Properties& properties, std::string_view problem) {
  return MakeError(ErrorCode::kConfigInvalid,
                   (properties.source.empty() ? "configuration" : properties.source) + ": " +
                       std::string(problem));
}

const ConsumerKey* FindKey(std::string_view name) {
  const auto keys = ConsumerKeys();
  const auto found = std::ranges::find(keys, name, &ConsumerKey::name);
  return found == keys.end() ? nullptr : &*found;
}

Error UnknownKey(const Properties& properties,
                 const Property& property,
                 std::vector<std::string> known) {
  for (const ConsumerKey& key : ConsumerKeys()) known.emplace_back(key.name);
  std::string problem = "unknown key: neither offsetstore nor librdkafka " +
                        std::string(rd_kafka_version_str()) + " knows it";
  const std::string_view nearest = Nearest(property.key, known);
  if (!nearest.empty()) problem += "; did you mean '" + std::string(nearest) + "'?";
  return At(properties, property, problem);
}

Status CheckRefused(const Properties& properties, const Property& property) {
  const auto refused = std::ranges::find(kRefused, property.key, &Refused::key);
  if (refused == kRefused.end()) return {};
  if (refused->harmless == "false") {
    const Result<bool> value = ParseBool(property.value);
    if (!value) return At(properties, property, value.error().message);
    if (!*value) return {};
  }
  return At(properties,
            property,
            "'" + Printable(property.value) + "' is refused: " + std::string(refused->instead));
}

Status ParseOwn(const Properties& properties,
                const Property& property,
                const ConsumerKey& key,
                ConsumerConfig& config) {
  if (property.value.empty()) return At(properties, property, "the value is empty");
  if (Status status = key.parse(property.value, config); !status) {
    return At(properties, property, status.error().message);
  }
  return {};
}

Status ApplyDefaults(ConsumerConfig& config) {
  for (const ConsumerKey& key : ConsumerKeys()) {
    if (!key.fallback.empty()) OS_RETURN_IF_ERROR(key.parse(key.fallback, config));
  }
  return {};
}

Status ApplyOffsetReset(const Properties& properties,
                        const Property& property,
                        ConsumerConfig& config) {
  Result<Start> start = ParseOffsetReset(property.value);
  if (!start) return At(properties, property, start.error().message);
  if (properties.Find("offsetstore.start") == nullptr) config.session.start = *start;
  return {};
}

/// Sorts one line to us or to librdkafka.
Status TakeProperty(const Properties& properties,
                    const Property& property,
                    ConsumerConfig& config) {
  if (const ConsumerKey* key = FindKey(property.key)) {
    return ParseOwn(properties, property, *key, config);
  }
  if (property.key == "auto.offset.reset") return ApplyOffsetReset(properties, property, config);
  OS_RETURN_IF_ERROR(CheckRefused(properties, property));
  config.client.entries.push_back(property);
  return {};
}

constexpr std::string_view kUriKey = "offsetstore.uri";
constexpr std::string_view kPrimaryKey = "offsetstore.dual.primary";
constexpr std::string_view kSecondaryKey = "offsetstore.dual.secondary";

/// One store or two: never both ways of saying it.
Status CheckStoreKeys(const Properties& properties) {
  const Property* uri = properties.Find(kUriKey);
  const Property* primary = properties.Find(kPrimaryKey);
  const Property* secondary = properties.Find(kSecondaryKey);
  const Property* dual = primary != nullptr ? primary : secondary;
  if (uri == nullptr && dual == nullptr) {
    return Missing(properties,
                   "offsetstore.uri is missing: write where positions are kept, e.g. "
                   "offsetstore.uri=sqlite:///var/lib/app/offsets.db");
  }
  if (uri != nullptr && dual != nullptr) {
    return At(properties,
              *dual,
              "offsetstore.uri (" + properties.Where(*uri) +
                  ") and offsetstore.dual.* exclude each other: keep one store, or name two");
  }
  if (uri == nullptr && (primary == nullptr || secondary == nullptr)) {
    return At(properties,
              *dual,
              "offsetstore.dual.primary and offsetstore.dual.secondary are needed together");
  }
  return {};
}

/// Names the stores by where they are written, also those within a `dual:` URI.
Status ReadStores(const Properties& properties, ConsumerConfig& config) {
  const auto named = [&](std::string_view key, const std::string& text) {
    return StoreUri{std::string(key), text, properties.Where(*properties.Find(key))};
  };
  if (config.uri.empty()) {
    config.stores = {named(kPrimaryKey, config.dual_primary),
                     named(kSecondaryKey, config.dual_secondary)};
    return {};
  }
  config.stores = {named(kUriKey, config.uri)};
  const Result<Uri> uri = ParseUri(config.uri);
  // One that cannot be parsed is told by whoever opens it.
  if (!uri || uri->scheme != kDualScheme) return {};
  const Result<DualUris> dual = ReadDualUri(*uri);
  if (!dual) return At(properties, *properties.Find(kUriKey), dual.error().message);
  config.stores = {named(kUriKey, dual->primary), named(kUriKey, dual->secondary)};
  config.secondary_timeout = dual->secondary_timeout;
  return {};
}

Status CheckRequired(const Properties& properties, const ConsumerConfig& config) {
  if (properties.entries.empty()) {
    return Missing(properties,
                   "no keys at all: bootstrap.servers, group.id, topics and offsetstore.uri are "
                   "needed at least");
  }
  const Property* topics = properties.Find("topics");
  const Property* assign = properties.Find("assign");
  if (topics != nullptr && assign != nullptr) {
    return At(properties,
              *assign,
              "topics (" + properties.Where(*topics) +
                  ") and assign exclude each other: topics joins the group, assign takes fixed "
                  "partitions");
  }
  if (topics == nullptr && assign == nullptr) {
    return Missing(properties,
                   "neither topics nor assign: write topics=NAME,... or assign=NAME:0-3");
  }
  OS_RETURN_IF_ERROR(CheckStoreKeys(properties));
  if (config.session.group.empty()) {
    return Missing(properties,
                   "group.id is missing: positions are stored under it, also with assign");
  }
  if (config.servers.empty()) {
    return Missing(properties,
                   "bootstrap.servers is missing: write bootstrap.servers=HOST:9092,...");
  }
  return {};
}

Status CheckCommits(const Properties& properties, const SessionOptions& session) {
  if (session.commit_interval != Duration::zero()) return {};
  if (session.commit_records == 0) {
    return Missing(properties,
                   "offsetstore.commit.records=0 and offsetstore.commit.interval=0: one of them "
                   "must say when to commit");
  }
  if (session.commit_records > session.max_uncommitted) {
    return Missing(properties,
                   "offsetstore.commit.records is above offsetstore.max.uncommitted and "
                   "offsetstore.commit.interval is 0: no commit would ever be made");
  }
  return {};
}

Status CheckDelivery(const Properties& properties, ConsumerConfig& config) {
  if (config.delivery == Delivery::kAtLeastOnce) return {};
  config.session.moves_by_caller = true;
  config.batch.records = std::min(config.batch.records, config.session.max_uncommitted);
  const std::string mode = "offsetstore.delivery=" + std::string(ToString(config.delivery));
  if (config.workers > 1) {
    return Missing(properties,
                   mode + " works on one batch at a time: remove offsetstore.workers=" +
                       std::to_string(config.workers));
  }
  if (config.on_error == OnError::kSkip && config.delivery == Delivery::kExactlyOnce) {
    return Missing(properties,
                   mode +
                       " cannot give up one record of a transaction that failed: let the "
                       "handler keep bad records aside in the same transaction, and remove "
                       "offsetstore.on.error=skip");
  }
  if (config.on_error == OnError::kRetry && config.delivery == Delivery::kAtMostOnce) {
    return Missing(properties,
                   mode +
                       " tries no record a second time: write offsetstore.on.error=skip or "
                       "stop");
  }
  return {};
}

Status CheckTogether(const Properties& properties,
                     const ConsumerConfig& config,
                     const rdkafka::Conf& conf) {
  OS_RETURN_IF_ERROR(CheckCommits(properties, config.session));
  OS_ASSIGN_OR_RETURN(const std::int64_t poll_ms,
                      ParseInteger(conf.Get("max.poll.interval.ms").value_or("300000")));
  if (config.session.drain_timeout >= Duration(poll_ms)) {
    return Missing(properties,
                   "offsetstore.drain.timeout=" + ToString(config.session.drain_timeout) +
                       " must be below max.poll.interval.ms=" + std::to_string(poll_ms) +
                       ": the group would throw the consumer out while it drains");
  }
  if (config.session.takeover && !config.IsStatic()) {
    return Missing(properties,
                   "offsetstore.takeover=true needs assign: in a group the group decides who "
                   "reads what");
  }
  if (config.backoff > config.backoff_max) {
    return Missing(properties,
                   "offsetstore.on.error.backoff is above offsetstore.on.error.backoff.max");
  }
  return {};
}

std::string DefaultOwner(const Properties& properties) {
  std::string owner = ThisProcess(Owner::Kind::kMember).host;
  if (const Property* assign = properties.Find("assign")) owner += " " + assign->value;
  return owner;
}

bool IsTrue(const rdkafka::Conf& conf, const std::string& key) {
  return conf.Get(key).value_or("false") == "true";
}

/// What librdkafka made of its keys.
Status ReadBack(const rdkafka::Conf& conf, ConsumerConfig& config) {
  config.session.group = conf.Get("group.id").value_or("");
  config.servers = conf.Get("bootstrap.servers").value_or("");
  if (config.servers.empty() && conf.Get("test.mock.num.brokers").value_or("0") != "0") {
    config.servers = "librdkafka's mock cluster";
  }
  config.report_end = IsTrue(conf, "enable.partition.eof");
  config.create_topics = IsTrue(conf, "allow.auto.create.topics");
  OS_ASSIGN_OR_RETURN(const std::int64_t kbytes,
                      ParseInteger(conf.Get("queued.max.messages.kbytes").value_or("65536")));
  config.queue_bytes = static_cast<std::size_t>(kbytes) * 1024;
  return {};
}

/// The user's keys in a librdkafka configuration.
Result<rdkafka::Conf> UserConf(const Properties& client) {
  rdkafka::Conf conf;
  std::vector<std::string> known = rdkafka::Conf::KnownKeys();
  for (const Property& property : client.entries) {
    if (std::ranges::find(known, property.key) == known.end()) {
      return UnknownKey(client, property, std::move(known));
    }
    OS_RETURN_IF_ERROR(conf.Set(client, property));
  }
  return conf;
}

}  // namespace

Result<ConsumerConfig> ReadConsumerConfig(const Properties& properties) {
  ConsumerConfig config;
  config.client.source = properties.source;
  OS_RETURN_IF_ERROR(ApplyDefaults(config));
  config.session.owner = DefaultOwner(properties);
  for (const Property& property : properties.entries) {
    // A later line of the same key (`--set`) takes the place of an earlier one.
    if (properties.Find(property.key) != &property) continue;
    OS_RETURN_IF_ERROR(TakeProperty(properties, property, config));
  }
  OS_ASSIGN_OR_RETURN(const rdkafka::Conf conf, UserConf(config.client));
  OS_RETURN_IF_ERROR(ReadBack(conf, config));
  OS_RETURN_IF_ERROR(CheckRequired(properties, config));
  OS_RETURN_IF_ERROR(ReadStores(properties, config));
  OS_RETURN_IF_ERROR(CheckTogether(properties, config, conf));
  OS_RETURN_IF_ERROR(CheckDelivery(properties, config));
  config.session.static_assignment = config.IsStatic();
  return config;
}

Result<rdkafka::Conf> MakeClientConf(const ConsumerConfig& config) {
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, UserConf(config.client));
  OS_RETURN_IF_ERROR(conf.Set("enable.auto.commit", "false"));
  OS_RETURN_IF_ERROR(conf.Set("enable.auto.offset.store", "false"));
  // A position that left the log must never move by itself: the session decides.
  OS_RETURN_IF_ERROR(conf.Set("auto.offset.reset", "error"));
  // Control records at a partition's end show only in the end's position.
  OS_RETURN_IF_ERROR(conf.Set("enable.partition.eof", "true"));
  if (conf.Get("statistics.interval.ms").value_or("0") == "0" && !config.IsStatic()) {
    // The statistics alone tell whether the group is in the middle of a rebalance.
    OS_RETURN_IF_ERROR(conf.Set("statistics.interval.ms", "1000"));
  }
  return conf;
}

}  // namespace offsetstore
