// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is stored, as JSON that loses nothing: absent, stored and unreadable stay apart; text that
// is not UTF-8 is kept as hexadecimal digits under `<name>_hex`.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::migration {

using Json = nlohmann::ordered_json;

void PutText(Json& object, const std::string& name, std::string_view text);
/// `Corrupt`: neither `name` nor `name_hex` is there, or it is no text.
[[nodiscard]] Result<std::string> TakeText(const Json& object, const std::string& name);

/// A whole number from `min` to `max`. `Corrupt`: it is not there, or is something else.
[[nodiscard]] Result<std::int64_t> TakeNumber(const Json& object,
                                              const std::string& name,
                                              std::int64_t min,
                                              std::int64_t max = Position::kMax);

/// `{"state": "absent"}`, `{"state": "stored", "position": 7, ...}`,
/// `{"state": "unreadable", "error": ...}`.
[[nodiscard]] Json SlotJson(const Slot& slot);
[[nodiscard]] Result<Slot> SlotOf(const Json& json);

/// Counter, nonce and owner; `null` where there is none.
[[nodiscard]] Json ClaimJson(const std::optional<ClaimView>& claim);
[[nodiscard]] Result<std::optional<ClaimView>> ClaimOf(const Json& json);

[[nodiscard]] Json ErrorJson(const Error& error);
/// As a slot, since a `Result` cannot hold an error as its value.
[[nodiscard]] Result<Slot> ErrorSlotOf(const Json& json);

/// Parses one JSON text whole. `Corrupt` says what is wrong and where.
[[nodiscard]] Result<Json> ParseJson(std::string_view text);

}  // namespace offsetstore::migration
