// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "names.h"
#include "partition_state.h"
#include "request.h"

namespace offsetstore::zookeeper {

/// What a write does to Kafka's leaf beside our node.
enum class LeafRule : std::uint8_t {
  kMove,    ///< Writes the position into it.
  kAdopt,   ///< Leaves it, takes it as it is, and requires that it stays so until the write.
  kKeep,    ///< Leaves it; what our node says of it stays.
  kRemove,  ///< Deletes it.
};

/// A transaction below the server's limits: a request above `jute.maxbuffer` (1 MiB) is no refusal
/// but a cut connection.
inline constexpr std::size_t kMostSteps = 1000;
inline constexpr std::size_t kMostBytes = std::size_t{512} << 10U;
/// Of one batch that is all or nothing, which cannot be divided.
inline constexpr std::size_t kMostAtomicBytes = std::size_t{768} << 10U;

/// Steps of one partition, at most.
inline constexpr std::size_t kStepsEach = 3;

/// The steps that bring one partition from `before` to `next`, each on the version that was seen.
/// `fresh` becomes the incarnation of a node that they make.
[[nodiscard]] std::vector<Step> StepsTo(const internal::Record& next,
                                        const PartitionState& before,
                                        const Nonce& fresh,
                                        LeafRule rule,
                                        const GroupPaths& paths,
                                        const TopicPartition& at);

/// The steps that require that the partition is still as in `before`.
[[nodiscard]] std::vector<Step> StepsToCheck(const PartitionState& before,
                                             const GroupPaths& paths,
                                             const TopicPartition& at);

/// What is stored once those steps were taken.
[[nodiscard]] PartitionState StateAfter(internal::Record next,
                                        const PartitionState& before,
                                        const Nonce& fresh,
                                        LeafRule rule);

/// Bytes of it in a request, with room to spare.
[[nodiscard]] std::size_t BytesOf(const std::vector<Step>& steps);

}  // namespace offsetstore::zookeeper
