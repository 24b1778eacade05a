// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

inline constexpr std::string_view kOperationSeconds = "offsetstore_operation_duration_seconds";
inline constexpr std::string_view kAttemptSeconds = "offsetstore_attempt_duration_seconds";
inline constexpr std::string_view kOperationErrors = "offsetstore_operation_errors_total";
inline constexpr std::string_view kPartitions = "offsetstore_partitions_total";
inline constexpr std::string_view kInDoubt = "offsetstore_in_doubt_total";
inline constexpr std::string_view kRetries = "offsetstore_retries_total";
inline constexpr std::string_view kLastDurableCommit =
    "offsetstore_last_durable_commit_timestamp_seconds";
inline constexpr std::string_view kDualDrift = "offsetstore_dual_drift_total";
inline constexpr std::string_view kSessionEvents = "offsetstore_session_events_total";

/// The label `store`: `sqlite:/var/lib/app/offsets.db`, and `?space=prod` where it has one. Holds
/// no secret, since `StoreInfo::endpoint` holds none.
[[nodiscard]] std::string StoreLabel(const StoreInfo& info);
/// `in doubt` as a label has it: `in_doubt`.
[[nodiscard]] std::string KindLabel(std::string_view kind);

}  // namespace internal
}  // namespace offsetstore
