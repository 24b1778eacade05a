// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "consumer_store.h"

#include <utility>

#include "internal/macros.h"
#include "offsetstore/builtin.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

Error ForStore(const StoreUri& from, std::string_view problem) {
  return MakeError(
      ErrorCode::kConfigInvalid,
      from.where + ": " + from.key + '=' + Redacted(from.text) + ": " + std::string(problem));
}

/// Adds the place in the file to what is wrong with the URI itself.
Error AtStore(const StoreUri& from, Error error) {
  if (error.code == ErrorCode::kConfigInvalid) {
    error.message = from.where + ": " + from.key + ": " + error.message;
  }
  return error;
}

bool IsKafka(const Uri& uri) {
  return uri.scheme == "kafka";
}

Event ToEvent(const Drift& drift) {
  Event event;
  event.kind = EventKind::kDrift;
  event.at = drift.at;
  event.position = drift.primary;
  event.text = ToString(drift.kind);
  if (drift.secondary) {
    event.text += ", the secondary holds " + std::to_string(drift.secondary->value());
  }
  if (!drift.why.empty()) event.text += ": " + drift.why;
  return event;
}

}  // namespace

OpenOptions StoreOpener::LayerOptions() const {
  OpenOptions open;
  open.metrics = options_.metrics;
  return open;
}

Result<std::unique_ptr<OffsetStore>> StoreOpener::OpenByUri(const Leg& leg) const {
  BackendRegistry builtin;
  if (options_.registry == nullptr) OS_RETURN_IF_ERROR(RegisterBuiltinBackends(builtin));
  auto store = OpenStore(options_.registry != nullptr ? *options_.registry : builtin,
                         leg.from.text,
                         LayerOptions(),
                         options_.open_by.Sooner(parts_.config.session.store_timeout));
  if (!store) return AtStore(leg.from, std::move(store).error());
  return store;
}

Status StoreOpener::OpenOthers() {
  for (const StoreUri& from : parts_.config.stores) {
    Result<Uri> uri = ParseUri(from.text);
    if (!uri) return AtStore(from, std::move(uri).error());
    if (parts_.config.stores.size() > 1 && uri->scheme == kDualScheme) {
      return ForStore(from, "two stores are joined, not more");
    }
    legs_.push_back({from, *std::move(uri), nullptr});
  }
  for (Leg& leg : legs_) {
    if (IsKafka(leg.uri)) continue;
    OS_ASSIGN_OR_RETURN(leg.store, OpenByUri(leg));
  }
  return {};
}

Status StoreOpener::CheckSameCluster(const Leg& leg, const std::string& cluster_id) const {
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<OffsetStore> named, OpenByUri(leg));
  const std::string other = named->Info().store_id;
  OS_RETURN_IF_ERROR(named->Close(options_.open_by.Sooner(parts_.config.session.store_timeout)));
  if (other == cluster_id) return {};
  return ForStore(leg.from,
                  "that is the Kafka cluster " + Printable(other) + ", the consumer reads from " +
                      Printable(cluster_id) +
                      ": a group cannot commit to another cluster while it lives; write kafka: "
                      "or choose another store");
}

Status StoreOpener::CheckKafka(const Leg& leg, const std::string& cluster_id) const {
  if (parts_.config.mirror) {
    return ForStore(leg.from,
                    "offsetstore.mirror=kafka is for other stores: Kafka already is the store");
  }
  if (parts_.port != nullptr) {
    return ForStore(leg.from, "both stores are the consumer's own group in Kafka");
  }
  if (!leg.uri.hosts.empty()) return CheckSameCluster(leg, cluster_id);
  if (leg.uri.query.empty()) return {};
  return ForStore(leg.from,
                  "'" + leg.uri.query.begin()->first +
                      "' does not apply: the consumer's own connection is used");
}

Status StoreOpener::OpenKafka(const std::string& cluster_id) {
  for (Leg& leg : legs_) {
    if (!IsKafka(leg.uri)) continue;
    OS_RETURN_IF_ERROR(CheckKafka(leg, cluster_id));
    parts_.port =
        std::make_shared<MemberPort>(parts_.handle, parts_.config.session.group, cluster_id);
    leg.store = WithLayers(rdkafka::OpenKafkaMemberStore(parts_.port), LayerOptions());
  }
  return {};
}

Result<std::shared_ptr<OffsetStore>> StoreOpener::Join() {
  if (legs_.size() == 1) return std::shared_ptr<OffsetStore>(std::move(legs_[0].store));
  DualOptions dual;
  dual.secondary_timeout = parts_.config.secondary_timeout;
  dual.metrics = options_.metrics;
  // Shared with the consumer and its session: a call under way may tell after either is gone.
  dual.on_drift = [events = parts_.events](const Drift& drift) { events->On(ToEvent(drift)); };
  auto joined = JoinStores(std::move(legs_[0].store), std::move(legs_[1].store), std::move(dual));
  if (!joined) return AtStore(legs_[1].from, std::move(joined).error());
  return std::shared_ptr<OffsetStore>(*std::move(joined));
}

}  // namespace offsetstore
