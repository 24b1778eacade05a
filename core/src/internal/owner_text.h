// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// An owner as one text: seven words separated by one blank: kind, name, host, pid, process,
/// member id, cluster id. Each is percent-encoded (`%` alone is the empty word), so that the text
/// is readable and no name can forge another word. `Owner::since` is kept beside it.
[[nodiscard]] std::string ToText(const Owner& owner);

/// The owner whose `ToText` is `text` (without `since`), or none.
[[nodiscard]] std::optional<Owner> OwnerFromText(std::string_view text);

}  // namespace internal
}  // namespace offsetstore
