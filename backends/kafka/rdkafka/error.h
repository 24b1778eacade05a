// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string_view>

#include "offsetstore/deadline.h"
#include "offsetstore/error.h"

namespace offsetstore::rdkafka {

/// What the failed call did: a lost answer to a write leaves it in doubt, one to a read does not.
enum class Effect : std::uint8_t { kRead, kWrite };

/// The one place that turns a native code into an error with its advice. `what` says what failed
/// (`commit of orders[3]`); `detail`, where given, is librdkafka's own text and takes the place of
/// its general description of the code.
[[nodiscard]] Error ToError(rd_kafka_resp_err_t native,
                            Effect effect,
                            std::string_view what,
                            std::string_view detail = {});

/// The coordinator answered that this member has no say any more: another generation, another
/// member with its instance id, or not a member at all.
[[nodiscard]] bool IsFenced(rd_kafka_resp_err_t native) noexcept;

/// `group.protocol=consumer`: the commit was sent under an epoch that the member has left
/// meanwhile, as with every change of the group, and was not applied. It is a member still: the
/// next heartbeat brings the epoch to send it under (KIP-848, "OffsetCommit"). librdkafka leaves
/// that to the caller.
[[nodiscard]] bool IsStaleEpoch(rd_kafka_resp_err_t native) noexcept;

/// The coordinator is starting or moving, and answers soon.
[[nodiscard]] bool IsCoordinatorBusy(rd_kafka_resp_err_t native) noexcept;

/// Between two attempts while it is.
inline constexpr Duration kBusyPause{100};

}  // namespace offsetstore::rdkafka
