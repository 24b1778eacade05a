// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/conditions.h"

namespace offsetstore::migration {
namespace {

std::optional<ClaimToken> TokenOf(const Read& read) {
  if (!read.claim) return std::nullopt;
  return read.claim->token;
}

}  // namespace

From FromOf(const Slot& slot) {
  const auto* entry = std::get_if<Entry>(&slot);
  if (entry == nullptr) return Absent{};
  return entry->position;
}

Expect ExpectOf(const Read& saw, const Capabilities& can) {
  if (!can.fenced_commits) return Any{};
  if (!saw.claim) return Nobody{};
  return saw.claim->token;
}

std::optional<From> FromIfChecked(const Read& saw, const Capabilities& can) {
  if (!can.conditional_commits) return std::nullopt;
  return FromOf(saw.slot);
}

bool Unmoved(const Read& saw, const Read& now) {
  return !std::holds_alternative<Error>(now.slot) && FromOf(saw.slot) == FromOf(now.slot) &&
         TokenOf(saw) == TokenOf(now);
}

}  // namespace offsetstore::migration
