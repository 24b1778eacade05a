// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offsetstore/store.h"
#include "report.h"

namespace offsetstore::cli {

/// An open store as JSON: scheme, endpoint (redacted), id, space.
[[nodiscard]] Json StoreJson(const StoreInfo& info);

/// A stored position, absent or unreadable, as one row. Its columns are `ReadColumns`.
[[nodiscard]] Json ReadRow(std::string_view group, const Read& read);
[[nodiscard]] std::vector<std::string> ReadColumns();

/// Who holds a partition; `null` where nobody does.
[[nodiscard]] Json HolderJson(const std::optional<ClaimView>& claim);

/// `1 group`, `2 groups`.
[[nodiscard]] std::string CountOf(std::uint64_t count, std::string_view noun);

/// The position of a slot; `null` where there is none.
[[nodiscard]] Json PositionJson(const Slot& slot);

}  // namespace offsetstore::cli
