// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "offsetstore/migration/kafka_cluster.h"
#include "offsetstore/migration/sides.h"

namespace offsetstore::cli {

/// One store, by as many handles as it pays to have, and what tells who is at work there.
struct OpenedSide {
  std::vector<std::unique_ptr<OffsetStore>> stores;
  std::unique_ptr<migration::GroupWatch> watch;      ///< Null: only claims tell.
  std::unique_ptr<migration::KafkaCluster> cluster;  ///< Where the store is Kafka: a watch too.

  [[nodiscard]] const StoreInfo& Info() const noexcept { return stores.front()->Info(); }
  [[nodiscard]] migration::GroupWatch* Watch() const noexcept;
  /// Closes all; the first thing that went wrong.
  [[nodiscard]] Status Close(Duration timeout);
};

[[nodiscard]] Result<OpenedSide> OpenSide(const BackendRegistry& registry,
                                          const std::string& uri,
                                          Purpose purpose,
                                          std::size_t parallel,
                                          Duration timeout);

/// What the functions of the migration borrow. `target` may be the same object as `source`.
[[nodiscard]] migration::Sides Borrow(const OpenedSide& source, const OpenedSide& target);

}  // namespace offsetstore::cli
