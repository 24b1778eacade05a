// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "offsetstore/migration/formats.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

/// What rows said, as a store that can only be read. Rows are added first, then it is shared.
class SnapshotStore final : public OffsetStore {
 public:
  explicit SnapshotStore(std::string endpoint);

  void Add(Row row);
  /// After the last `Add`: sorts, and makes the store's id of what it holds.
  void Finish();

  const StoreInfo& Info() const noexcept override { return info_; }
  Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
  Answers<Read> Fetch(std::string_view group,
                      const Selection& selection,
                      Deadline deadline) override;
  Answers<ClaimAnswer> Claim(std::string_view group,
                             std::span<const ClaimRequest> requests,
                             const Owner& by,
                             Deadline deadline) override;
  Answers<Outcome> Commit(std::string_view group,
                          std::span<const Move> moves,
                          const Owner& by,
                          Atomicity atomicity,
                          Deadline deadline) override;
  Answers<Outcome> Release(std::string_view group,
                           std::span<const Claimed> claims,
                           Deadline deadline) override;
  Answers<Outcome> Remove(std::string_view group,
                          std::span<const Removal> removals,
                          const Owner& by,
                          Deadline deadline) override;
  Status Close(Deadline deadline) override;

 private:
  /// A plain position costs these few bytes; whatever has more to it stands in `whole_`.
  struct Kept {
    std::int64_t position = 0;
    std::int64_t commit_time = kNone;
    std::uint32_t topic = 0;  ///< Index into `topics_`.
    std::int32_t partition = 0;
    std::int32_t leader_epoch = kNoEpoch;
    std::uint32_t whole = kPlain;  ///< Index into `whole_`.
  };
  static constexpr std::int64_t kNone = INT64_MIN;
  static constexpr std::int32_t kNoEpoch = INT32_MIN;
  static constexpr std::uint32_t kPlain = UINT32_MAX;
  struct Group {
    std::vector<Kept> kept;  ///< Sorted by topic and partition.
    std::optional<Error> error;
    bool has_position = false;
  };

  [[nodiscard]] Kept Keep(Row& row);
  [[nodiscard]] const Kept* Find(const Group& group, const TopicPartition& at) const;
  [[nodiscard]] Read ReadOf(const Kept& kept) const;
  [[nodiscard]] Read ReadOf(const Group& group, const TopicPartition& at) const;
  [[nodiscard]] bool Before(const Kept& kept, const TopicPartition& at) const;
  [[nodiscard]] std::uint32_t NumberOf(const std::string& topic);

  StoreInfo info_;
  std::map<std::string, Group, std::less<>> groups_;
  std::vector<std::string> topics_;
  std::map<std::string, std::uint32_t> topic_numbers_;
  std::vector<Slot> whole_;
};

}  // namespace offsetstore::migration
