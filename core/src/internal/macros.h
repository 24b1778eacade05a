// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "offsetstore/result.h"

#define OS_CONCAT_INNER(a, b) a##b
#define OS_CONCAT(a, b) OS_CONCAT_INNER(a, b)

/// Leaves the function with the error of `expression`, a `Result` of any kind.
#define OS_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                  \
    if (auto os_status = (expression); !os_status) return std::move(os_status).error(); \
  } while (false)

/// `OS_ASSIGN_OR_RETURN(auto uri, ParseUri(text));`
#define OS_ASSIGN_OR_RETURN(target, expression)                                                    \
  auto OS_CONCAT(os_result_, __LINE__) = (expression);                                             \
  if (!OS_CONCAT(os_result_, __LINE__)) return std::move(OS_CONCAT(os_result_, __LINE__)).error(); \
  target = *std::move(OS_CONCAT(os_result_, __LINE__))
