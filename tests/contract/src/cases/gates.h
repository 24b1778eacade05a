// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a case needs of the store. Where the store has not got it, the other direction is checked:
// it says so, and changes nothing.
#pragma once

#include <doctest/doctest.h>

#include "offsetstore/testing/store_contract.h"
#include "printers.h"

namespace offsetstore::testing::cases {

/// Whether the store fences; else every call about claims is `Unsupported`.
[[nodiscard]] bool Fences(Subject& subject);

/// Whether the store checks positions in the same step as the write; else it refuses conditions
/// instead of guessing.
[[nodiscard]] bool ChecksPositions(Subject& subject);

/// Whether the store has atomic batches; else it says so instead of writing a part.
[[nodiscard]] bool IsAtomic(Subject& subject);

/// Whether the store removes positions; one without claims may be unable to, and says so.
[[nodiscard]] bool Removes(Subject& subject);

}  // namespace offsetstore::testing::cases
