// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace offsetstore::testing {

/// What this thread allocates while it lives is not reported as leaked. For a known leak of a
/// client library, around the one call whose allocation it is.
struct LeakAllowed {
#ifdef __SANITIZE_ADDRESS__
  LeakAllowed() {
    __lsan_disable();
  }
  ~LeakAllowed() {
    __lsan_enable();
  }
#else
  LeakAllowed() = default;
  ~LeakAllowed() = default;
#endif
  LeakAllowed(const LeakAllowed&) = delete;
  LeakAllowed& operator=(const LeakAllowed&) = delete;
};

}  // namespace offsetstore::testing
