// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "offsetstore/error.h"
#include "offsetstore/result.h"

namespace offsetstore {

/// What `function`, the user's own, returns, or what it threw as an error that calls it `who`.
template <class Function, class... Args>
[[nodiscard]] auto CallGuarded(std::string_view who, const Function& function, Args&&... args)
    -> decltype(function(std::forward<Args>(args)...)) {
  try {
    return function(std::forward<Args>(args)...);
  } catch (const std::exception& thrown) {
    return MakeError(ErrorCode::kInternal,
                     std::string(who) + " threw: " + Printable(thrown.what()));
  } catch (...) {
    return MakeError(ErrorCode::kInternal,
                     std::string(who) + " threw something that is no std::exception");
  }
}

/// The same for a handler.
template <class Handler, class... Args>
[[nodiscard]] Status Guarded(const Handler& handler, Args&&... args) {
  return CallGuarded("the handler", handler, std::forward<Args>(args)...);
}

}  // namespace offsetstore
