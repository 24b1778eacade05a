// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "consume_loop.h"
#include "into/result_table.h"
#include "offsetstore/consumer.h"

namespace offsetstore::cli {

/// Checks before anything is read that `table` is in the database of the store that `properties`
/// name, and that its columns fit; makes it where it is not there.
[[nodiscard]] Status PrepareTable(const BackendRegistry& registry,
                                  const Properties& properties,
                                  const IntoUri& into,
                                  ResultTable& table,
                                  Deadline deadline);

/// Writes records into `table`, each in the transaction that moves its position, until a limit, a
/// signal or an error. Complains about what went wrong.
[[nodiscard]] ExitCode ConsumeInto(ResultTable& table,
                                   Consumer& consumer,
                                   const ConsumeLimits& limits);

}  // namespace offsetstore::cli
