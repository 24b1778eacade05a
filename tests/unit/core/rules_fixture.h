// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "internal/rules.h"

namespace offsetstore::internal {

inline TopicPartition Place() {
  return {"t", 1};
}

inline Owner Member(std::string name) {
  Owner owner;
  owner.name = std::move(name);
  owner.host = "h";
  owner.pid = 1;
  return owner;
}

inline Owner Operator() {
  Owner owner = Member("tool");
  owner.kind = Owner::Kind::kOperator;
  return owner;
}

/// A token whose nonce is made of its counter.
inline ClaimToken Token(std::uint64_t counter) {
  ClaimToken token;
  token.counter = counter;
  token.nonce.bytes[0] = static_cast<std::uint8_t>(counter);
  return token;
}

inline Entry At(std::int64_t position) {
  Entry entry;
  entry.position = Position(position);
  return entry;
}

inline Record HeldWithout(std::uint64_t counter) {
  return {std::nullopt, ClaimView{Token(counter), Member("a"), false}, false};
}

inline Record Held(std::uint64_t counter, std::int64_t position) {
  return {At(position), ClaimView{Token(counter), Member("a"), false}, false};
}

inline Record Released(std::uint64_t counter, std::int64_t position) {
  return {At(position), ClaimView{Token(counter), Member("a"), true}, false};
}

inline Record Unclaimed(std::int64_t position) {
  return {At(position), std::nullopt, false};
}

inline Record Tombstone(std::uint64_t counter) {
  return {std::nullopt, ClaimView{Token(counter), Operator(), true}, true};
}

}  // namespace offsetstore::internal
