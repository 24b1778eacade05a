// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/registry.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Adds every backend that this build holds, and the names of the known ones that it does not.
[[nodiscard]] Status RegisterBuiltinBackends(BackendRegistry& registry);

}  // namespace offsetstore
