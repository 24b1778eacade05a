// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connection.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::postgres {

/// Reads the server's settings and says in `info` what an acknowledged commit survives.
[[nodiscard]] Status DescribeDurability(Connection& connection, Deadline deadline, StoreInfo& info);

}  // namespace offsetstore::postgres
