// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// The mandatory layer right above a backend. Validates every request against `Info()` before the
/// backend sees it (names, sizes, partitions, duplicates, the shape of moves, the atomic batch,
/// a deadline already passed), answers empty requests, and adds scheme, operation and group to
/// every error, so that no backend repeats any of it. After `Close` every call is `Unavailable`.
[[nodiscard]] std::unique_ptr<OffsetStore> WithContext(std::unique_ptr<OffsetStore> below);

}  // namespace offsetstore
