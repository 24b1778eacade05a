// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/migration/plan.h"
#include "offsetstore/migration/plan_file.h"
#include "slot_json.h"

namespace offsetstore::migration {

[[nodiscard]] Json HeaderJson(const PlanHeader& header, std::string_view format);
/// `Corrupt`: not a file of `format`; `Unsupported`: of a version that this one does not know.
[[nodiscard]] Result<PlanHeader> HeaderOf(const Json& json, std::string_view format);

[[nodiscard]] Json GroupJson(const GroupPlan& group);
[[nodiscard]] Result<GroupPlan> GroupOf(const Json& json);

[[nodiscard]] Json PartitionJson(const TopicPartition& at);
[[nodiscard]] Result<TopicPartition> PartitionOf(const Json& json);

/// `{"at":..., "slot":..., "claim":...}`.
[[nodiscard]] Json ReadJson(const Read& read);
[[nodiscard]] Result<Read> ReadOf(const Json& json);

}  // namespace offsetstore::migration
