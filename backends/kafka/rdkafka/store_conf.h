// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/backends/kafka.h"
#include "offsetstore/result.h"
#include "rdkafka/conf.h"

namespace offsetstore {

/// The configuration of a handle that stands beside groups and never joins one: of the store, and
/// of whoever looks at the logs for a tool.
[[nodiscard]] Result<rdkafka::Conf> MakeConf(const KafkaOptions& options);

}  // namespace offsetstore
