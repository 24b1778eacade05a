// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The lines of our own format: a header, one object per row, an end with the count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offsetstore/migration/formats.h"
#include "slot_json.h"

namespace offsetstore::migration {

inline constexpr std::string_view kPositionsFormat = "offsetstore-positions";
inline constexpr std::int64_t kPositionsVersion = 1;

[[nodiscard]] Json PositionsHeader(const StoreInfo& from);
[[nodiscard]] Json PositionsEnd(std::uint64_t rows);
[[nodiscard]] Json RowJson(const Row& row);

}  // namespace offsetstore::migration
