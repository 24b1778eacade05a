// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "consumer_config.h"

namespace offsetstore::testing {

/// What every configuration needs; a test adds lines.
inline constexpr const char* kBasic =
    "bootstrap.servers=127.0.0.1:9092\n"
    "group.id=g\n"
    "offsetstore.uri=memory:\n";

[[nodiscard]] inline Result<ConsumerConfig> Read(const std::string& text) {
  auto properties = ParseProperties(text, "app.properties");
  if (!properties) return std::move(properties).error();
  return ReadConsumerConfig(*properties);
}

/// The message of the refusal; says so where there is none.
[[nodiscard]] inline std::string Refusal(const std::string& text) {
  const auto config = Read(text);
  if (config) return "(accepted)";
  if (config.error().code != ErrorCode::kConfigInvalid)
    return "(wrong code) " + ToString(config.error());
  return config.error().message;
}

[[nodiscard]] inline bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace offsetstore::testing
