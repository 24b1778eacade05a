// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "offsetstore/backends/redis.h"
#include "offsetstore/store.h"
#include "offsetstore/testing/test_group.h"

namespace offsetstore::testing {

/// The defaults, for a server on 127.0.0.1.
[[nodiscard]] RedisOptions At(std::uint16_t port);
/// For the server that the tests share, under a prefix that nobody else uses.
[[nodiscard]] RedisOptions AtShared();
[[nodiscard]] std::uint16_t SharedPort();

/// The options of a URI; throws where they are refused.
[[nodiscard]] RedisOptions OptionsOf(std::string_view uri);

/// An open store with the context layer; throws where it does not open.
[[nodiscard]] std::unique_ptr<OffsetStore> MustOpen(const RedisOptions& options);
/// Why it does not open; throws where it does.
[[nodiscard]] Error OpenError(const RedisOptions& options, Duration bound = Duration(20'000));

[[nodiscard]] bool Has(const std::string& text, std::string_view part);

/// One call with a deadline of its own; an error of the whole call becomes that of the partition.
[[nodiscard]] Answer CommitIn(OffsetStore& store,
                              std::string_view group,
                              const Move& move,
                              Duration bound);
[[nodiscard]] ClaimResult ClaimIn(OffsetStore& store,
                                  std::string_view group,
                                  const ClaimRequest& request,
                                  Duration bound);

/// The key of a group's hash and the field of a partition, where no name needs encoding.
[[nodiscard]] std::string KeyOf(const RedisOptions& options, std::string_view group);
[[nodiscard]] std::string FieldOf(const TopicPartition& at);

}  // namespace offsetstore::testing
