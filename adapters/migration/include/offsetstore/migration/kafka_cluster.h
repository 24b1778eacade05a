// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/backends/kafka.h"
#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/migration/time_view.h"

namespace offsetstore::migration {

/// A Kafka cluster to look at: its logs, its groups, its settings. Writes nothing, joins no group,
/// makes no topic. Each call asks the brokers anew. Any thread.
class KafkaCluster final : public LogView, public TimeView, public GroupWatch {
 public:
  /// On a handle of its own. Errors as `OpenKafkaStore`.
  [[nodiscard]] static Result<std::unique_ptr<KafkaCluster>> Open(const KafkaOptions& options,
                                                                  Deadline deadline);
  ~KafkaCluster() override;

  [[nodiscard]] const std::string& id() const noexcept;
  /// The brokers as they were named, without secrets.
  [[nodiscard]] const std::string& endpoint() const noexcept;

  [[nodiscard]] Result<std::optional<Ranges>> Topic(const std::string& topic,
                                                    Deadline deadline) override;
  [[nodiscard]] std::vector<Result<Position>> PositionsAt(
      std::span<const TopicPartition> partitions, Time time, Deadline deadline) override;

  /// By the state that the coordinators list: a group is live unless it is `Empty`, `Dead` or not
  /// listed. One call for all groups; a coordinator that does not answer is its error.
  [[nodiscard]] Result<std::vector<Result<Liveness>>> Look(std::span<const std::string> groups,
                                                           Deadline deadline) override;

  /// How long the cluster keeps the positions of a group without members: the smallest
  /// `offsets.retention.minutes` of its brokers. `PermissionDenied` where the user may not read
  /// the brokers' settings.
  [[nodiscard]] Result<Duration> OffsetsRetention(Deadline deadline);

 private:
  struct State;
  explicit KafkaCluster(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace offsetstore::migration
