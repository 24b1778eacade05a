// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/error.h"

namespace offsetstore::internal {

/// Whether an error may pass by itself: the store or broker is away, slow, or answered in doubt.
[[nodiscard]] inline bool IsPassing(const Error& error) noexcept {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded ||
         error.code == ErrorCode::kInDoubt || error.retry == Retry::kSafe;
}

}  // namespace offsetstore::internal
