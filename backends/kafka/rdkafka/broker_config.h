// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <string>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::rdkafka {

/// What each broker of the cluster has for the key `name`, by broker id. The error of the first
/// broker that does not answer, refuses (`DescribeConfigs` needs a right of its own) or has no such
/// key: some of the brokers' values are not the cluster's.
[[nodiscard]] Result<std::map<std::int32_t, std::string>> BrokerConfig(rd_kafka_t* handle,
                                                                       const std::string& name,
                                                                       Deadline deadline);

}  // namespace offsetstore::rdkafka
