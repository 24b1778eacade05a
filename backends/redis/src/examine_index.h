// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "link.h"
#include "names.h"
#include "offsetstore/examine.h"

namespace offsetstore::redis {

/// Compares the index of groups with the hashes that there are, which only somebody's hand or a
/// restored part can have torn apart. Goes through all keys of the database; `kUnknown` where the
/// user may not, or where that takes too long.
[[nodiscard]] Finding ExamineIndex(Link& link, const KeyNames& names, Deadline deadline);

}  // namespace offsetstore::redis
