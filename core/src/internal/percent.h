// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Percent-encodes every byte but `[A-Za-z0-9_-]`, and `.` but at the start; upper-case digits.
/// Injective: two names never share an encoding. The empty name is `%`, which no other name gives.
[[nodiscard]] std::string PercentEncode(std::string_view name);

/// The one name whose `PercentEncode` is `encoded`, or none where there is no such name.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view encoded);

}  // namespace internal
}  // namespace offsetstore
