// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "offsetstore/layers/dual.h"

namespace offsetstore {

std::string_view ToString(Drift::Kind kind) noexcept {
  switch (kind) {
    case Drift::Kind::kFailed:
      return "failed";
    case Drift::Kind::kInDoubt:
      return "in doubt";
    case Drift::Kind::kFenced:
      return "fenced";
    case Drift::Kind::kAhead:
      return "ahead";
    case Drift::Kind::kHealed:
      return "healed";
  }
  return "unknown";
}

std::string ToString(const Drift& drift) {
  const auto shown = [](std::optional<Position> position) {
    return position ? std::to_string(position->value()) : std::string("?");
  };
  std::string line(ToString(drift.kind));
  if (drift.at) {
    line += ": " + ToString(*drift.at) + " of group '" + Printable(drift.group) + "': primary " +
            shown(drift.primary) + ", secondary " + shown(drift.secondary);
  } else {
    line += ": the secondary was not closed";
  }
  if (!drift.why.empty()) line += ": " + Printable(drift.why);
  return line;
}

}  // namespace offsetstore
