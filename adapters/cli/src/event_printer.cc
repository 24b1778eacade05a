// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "event_printer.h"

#include <unistd.h>

#include "console.h"

namespace offsetstore::cli {
namespace {

bool IsRoutine(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::kAssigned:
    case EventKind::kStarted:
    case EventKind::kRestored:
    case EventKind::kParked:
    case EventKind::kCommitted:
    case EventKind::kReleased:
    case EventKind::kFull:
      return true;
    case EventKind::kGuarantee:
      // For who reads along, not for a program's log.
      return ::isatty(STDERR_FILENO) != 1;
    default:
      return false;
  }
}

}  // namespace

void EventPrinter::On(const Event& event) noexcept {
  if (all_ || !IsRoutine(event.kind)) Complain(ToString(event));
}

}  // namespace offsetstore::cli
