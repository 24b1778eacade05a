// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "offsetstore/error.h"
#include "offsetstore/result.h"

namespace offsetstore {

/// What the user's `handler` returns, or what it threw as an error.
template <class Handler, class... Args>
[[nodiscard]] Status Guarded(const Handler& handler, Args&&... args) {
  try {
    return handler(std::forward<Args>(args)...);
  } catch (const std::exception& thrown) {
    return MakeError(ErrorCode::kInternal,
                     std::string("the handler threw: ") + Printable(thrown.what()));
  } catch (...) {
    return MakeError(ErrorCode::kInternal, "the handler threw something that is no std::exception");
  }
}

}  // namespace offsetstore
