// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/store.h"
#include "rdkafka/handle.h"
#include "rdkafka/partition_list.h"
#include "rdkafka/shared_handle.h"

namespace offsetstore {

/// Kafka's own store by admin calls, on groups without members.
class KafkaStore final : public OffsetStore {
 public:
  KafkaStore(std::unique_ptr<rdkafka::Handle> handle, StoreInfo info, bool admin_delete)
      : handles_(std::move(handle)), info_(std::move(info)), admin_delete_(admin_delete) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override;
  [[nodiscard]] Status Close(Deadline deadline) override;

 private:
  using Slots = std::map<TopicPartition, Slot>;
  /// What a write sends, for the partitions of `chunk`.
  using Write = Result<rdkafka::PartitionList> (*)(rd_kafka_t*,
                                                   const std::string&,
                                                   const rdkafka::PartitionList&,
                                                   Deadline);

  /// What `call` answers to the store's handle, errors explained.
  template <class Call>
  [[nodiscard]] auto Ask(const Call& call) -> decltype(call(nullptr));
  /// Adds those of `groups` that hold a position; the page is not the last where it overflows.
  [[nodiscard]] Status AddToPage(std::span<const std::string> groups,
                                 std::size_t limit,
                                 GroupPage& page,
                                 Deadline deadline);
  /// Reads named partitions, chunk by chunk. An error of one chunk is the slot of its partitions.
  [[nodiscard]] Slots ReadNamed(const std::string& group,
                                std::span<const TopicPartition> partitions,
                                Deadline deadline);
  [[nodiscard]] Result<std::vector<Read>> ReadAll(const std::string& group,
                                                  std::span<const std::string> topics,
                                                  Deadline deadline);
  /// Sends `list` chunk by chunk and puts the outcome of each partition into `outcomes`.
  void Send(Write write,
            const std::string& group,
            const rdkafka::PartitionList& list,
            std::map<TopicPartition, Outcome*>& outcomes,
            Deadline deadline);
  /// As the coordinators list it; empty where that cannot be told.
  [[nodiscard]] std::string ListedState(const std::string& group, Deadline deadline);
  [[nodiscard]] Status CheckDelete(Deadline deadline);

  rdkafka::SharedHandle handles_;
  const StoreInfo info_;
  const bool admin_delete_;
};

}  // namespace offsetstore
