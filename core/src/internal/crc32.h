// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// CRC-32 as zlib, gzip and zip compute it, so that any tool can check a line.
[[nodiscard]] std::uint32_t Crc32(std::string_view bytes) noexcept;

}  // namespace internal
}  // namespace offsetstore
