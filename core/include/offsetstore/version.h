// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {

/// The library's version at run time, `0.1.0`.
[[nodiscard]] std::string_view Version() noexcept;

}  // namespace offsetstore
