// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster_options.h"
#include "command.h"
#include "group_options.h"
#include "lag_view.h"

namespace offsetstore::cli {

/// What `lag` and `watch` share.
struct LagArguments {
  StoreArguments store;
  GroupArguments groups;
  std::vector<std::string> topics;
  ClusterArguments cluster;
  LagOrder order = LagOrder::kTopic;
};
void AddLagArguments(CLI::App& command, LagArguments& arguments);
/// `--sort topic|lag`.
void AddLagOrder(CLI::App& command, LagOrder& order);

/// What was opened for it.
struct LagSource {
  std::unique_ptr<OffsetStore> store;
  std::unique_ptr<migration::KafkaCluster> cluster;
  GroupChoice groups;
  Selection selection;
  LagOrder order = LagOrder::kTopic;
  Duration timeout{};

  /// Looks now; groups by expression are listed anew. An error where they cannot be.
  [[nodiscard]] Result<LagLook> Look() const;
};
[[nodiscard]] Result<LagSource> OpenLag(const BackendRegistry& registry,
                                        const LagArguments& arguments);

}  // namespace offsetstore::cli
