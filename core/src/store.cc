// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/store.h"

namespace offsetstore {

std::string_view ToString(Durability durability) noexcept {
  switch (durability) {
    case Durability::kProcess:
      return "process";
    case Durability::kProcessCrash:
      return "process-crash";
    case Durability::kOsCrash:
      return "os-crash";
    case Durability::kPowerLoss:
      return "power-loss";
    case Durability::kReplicaLoss:
      return "replica-loss";
  }
  return "process";
}

std::string_view ToString(OutcomeCode code) noexcept {
  switch (code) {
    case OutcomeCode::kApplied:
      return "applied";
    case OutcomeCode::kAppliedBelowDurability:
      return "applied_below_durability";
    case OutcomeCode::kAlreadyApplied:
      return "already_applied";
    case OutcomeCode::kFenced:
      return "fenced";
    case OutcomeCode::kConflict:
      return "conflict";
    case OutcomeCode::kNotApplied:
      return "not_applied";
    case OutcomeCode::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace offsetstore
