// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/backends/kafka.h"
#include "offsetstore/result.h"
#include "rdkafka/conf.h"

namespace offsetstore {

/// The configuration of the store's one handle.
[[nodiscard]] Result<rdkafka::Conf> MakeConf(const KafkaOptions& options);

}  // namespace offsetstore
