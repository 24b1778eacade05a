// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "offsetstore/backends/kafka.h"
#include "offsetstore/examine.h"

namespace offsetstore {

/// Asks the brokers how `__consumer_offsets` is kept. Makes nothing.
[[nodiscard]] Result<Examination> ExamineKafkaStore(const KafkaOptions& options, Deadline deadline);

}  // namespace offsetstore
