// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// Bytes of the UTF-8 character that `text` starts with; 0 where it starts with none (an overlong
/// form, a surrogate, a value above U+10FFFF, a cut sequence, an empty text).
[[nodiscard]] std::size_t Utf8CharBytes(std::string_view text) noexcept;

/// Whether all of `text` is valid UTF-8.
[[nodiscard]] bool IsUtf8(std::string_view text) noexcept;

}  // namespace internal
}  // namespace offsetstore
