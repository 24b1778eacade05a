// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/version.h"

namespace offsetstore {

std::string_view Version() noexcept {
  return OFFSETSTORE_VERSION;
}

}  // namespace offsetstore
