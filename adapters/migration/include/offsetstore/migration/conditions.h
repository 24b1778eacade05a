// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a plan saw, as the condition of the write that follows it; and what its answer means.
#pragma once

#include <optional>
#include <string>

#include "offsetstore/store.h"

namespace offsetstore::migration {

/// The position that was seen.
[[nodiscard]] From FromOf(const Slot& slot);

/// Whom the write may follow: the claim that was seen. Stores without claims have no condition.
[[nodiscard]] Expect ExpectOf(const Read& saw, const Capabilities& can);

/// The position that the write may follow; none where the store cannot check it in the same step.
[[nodiscard]] std::optional<From> FromIfChecked(const Read& saw, const Capabilities& can);

/// Whether position and claim are still what was seen. What cannot be read is not.
[[nodiscard]] bool Unmoved(const Read& saw, const Read& now);

/// Why a write of one partition was not done, in words that say what to do; empty for `Ok()`.
[[nodiscard]] std::string Explain(const Outcome& outcome);

}  // namespace offsetstore::migration
