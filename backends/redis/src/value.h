// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The value of one partition's field: a claim line, an entry line, and the metadata as it is.
//
//     held 0000000000000000007 NONCE SINCE KIND NAME HOST PID PROCESS MEMBER CLUSTER
//     0000000000000001234 EPOCH TIME TOPIC-ID CLUSTER-ID WRITER
//     metadata
//
// `held`, `free` (released) or `gone` (a tombstone); `none` alone: never claimed. `-` alone as the
// entry line: no position. Words are percent-encoded, `%` is the empty one, `-` an unknown number.
// Numbers that scripts compare have 19 digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "internal/rules.h"
#include "offsetstore/result.h"

namespace offsetstore::redis {

/// `value` in 19 digits, as scripts compare it.
[[nodiscard]] std::string Digits(std::int64_t value);

/// The epoch and time as words of the entry line.
[[nodiscard]] std::string EpochWord(const std::optional<std::int32_t>& epoch);
[[nodiscard]] std::string TimeWord(const std::optional<Time>& time);

/// How the claim line of somebody who holds `token` starts.
[[nodiscard]] std::string HeldBy(const ClaimToken& token);

/// The value of `record`. `Internal` where its claim's counter does not fit.
[[nodiscard]] Result<std::string> ToValue(const internal::Record& record);

/// The record of a value; `Corrupt` says what no release could have written.
[[nodiscard]] Result<internal::Record> ToRecord(std::string_view value);

}  // namespace offsetstore::redis
