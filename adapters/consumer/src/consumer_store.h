// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "consumer_impl.h"
#include "offsetstore/open.h"

namespace offsetstore {

/// Opens what the configuration names as its store: one, or the two of a dual. Kafka's own store is
/// the consumer's own handle, which comes after the others.
class StoreOpener {
 public:
  /// Both must outlive it.
  StoreOpener(const ConsumerOptions& options, ConsumerParts& parts)
      : options_(options), parts_(parts) {}

  /// All but Kafka's.
  [[nodiscard]] Status OpenOthers();
  /// Kafka's, through `parts.handle`; sets `parts.port`.
  [[nodiscard]] Status OpenKafka(const std::string& cluster_id);
  /// What the session works on.
  [[nodiscard]] Result<std::shared_ptr<OffsetStore>> Join();

 private:
  /// A store on its way.
  struct Leg {
    StoreUri from;
    Uri uri;
    std::unique_ptr<OffsetStore> store;
  };

  [[nodiscard]] OpenOptions LayerOptions() const;
  [[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenByUri(const Leg& leg) const;
  /// A URI that names brokers must mean the consumer's own cluster: only there is it a member.
  [[nodiscard]] Status CheckSameCluster(const Leg& leg, const std::string& cluster_id) const;
  [[nodiscard]] Status CheckKafka(const Leg& leg, const std::string& cluster_id) const;

  const ConsumerOptions& options_;
  ConsumerParts& parts_;
  std::vector<Leg> legs_;
};

}  // namespace offsetstore
