// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/event.h"

#include <array>
#include <utility>

#include "offsetstore/error.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

constexpr std::array<std::pair<EventKind, std::string_view>, 24> kNames = {{
    {EventKind::kAssigned, "assigned"},
    {EventKind::kStarted, "started"},
    {EventKind::kRestored, "restored"},
    {EventKind::kParked, "parked"},
    {EventKind::kCommitted, "committed"},
    {EventKind::kReleased, "released"},
    {EventKind::kLost, "lost"},
    {EventKind::kMoved, "moved"},
    {EventKind::kFenced, "fenced"},
    {EventKind::kConflict, "conflict"},
    {EventKind::kInDoubt, "in doubt"},
    {EventKind::kRolledBack, "rolled back"},
    {EventKind::kWentBack, "went back"},
    {EventKind::kOutOfRange, "out of range"},
    {EventKind::kStalled, "stalled"},
    {EventKind::kFull, "full"},
    {EventKind::kStoreDown, "store down"},
    {EventKind::kStoreUp, "store up"},
    {EventKind::kRejoin, "rejoin"},
    {EventKind::kSkipped, "skipped"},
    {EventKind::kRetried, "retried"},
    {EventKind::kClient, "client"},
    {EventKind::kDrift, "drift"},
    {EventKind::kGuarantee, "guarantee"},
}};

}  // namespace

std::string_view ToString(EventKind kind) noexcept {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  return "unknown";
}

std::string ToString(const Event& event) {
  std::string line(ToString(event.kind));
  if (event.at) line += ' ' + ToString(*event.at);
  if (event.previous && event.position) {
    line += ' ' + std::to_string(event.previous->value()) + " -> " +
            std::to_string(event.position->value());
  } else if (event.position) {
    line += ' ' + std::to_string(event.position->value());
  }
  if (event.age) line += " for " + ToString(*event.age);
  if (!event.text.empty()) line += ": " + Printable(event.text);
  return line;
}

}  // namespace offsetstore
