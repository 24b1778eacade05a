// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The value syntaxes of the consumer's keys. Errors say what is wrong and what is allowed; who
// calls adds file, line and key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/client.h"
#include "offsetstore/result.h"
#include "offsetstore/types.h"

namespace offsetstore {

[[nodiscard]] Error BadValue(std::string_view value, std::string_view allowed);

/// As librdkafka reads booleans: `true`, `t`, `1`, `false`, `f`, `0`.
[[nodiscard]] Result<bool> ParseBool(std::string_view value);

/// `orders, payments` or `^regex`: no empty and no repeated name, characters that Kafka allows.
[[nodiscard]] Result<std::vector<std::string>> ParseTopics(std::string_view value);

/// `orders:0-3,orders:7`: sorted, nothing twice.
[[nodiscard]] Result<Partitions> ParseAssignment(std::string_view value);

/// `earliest`, `latest`, `committed`, `fail`, `timestamp:2026-01-02T03:04:05Z`, `timestamp:MILLIS`.
[[nodiscard]] Result<Start> ParseStart(std::string_view value);

/// librdkafka's `auto.offset.reset` and its aliases, and Java's `none`.
[[nodiscard]] Result<Start> ParseOffsetReset(std::string_view value);

}  // namespace offsetstore
