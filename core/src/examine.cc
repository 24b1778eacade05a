// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/examine.h"

namespace offsetstore {
namespace {

std::string_view AsLongAs(Durability durability) {
  switch (durability) {
    case Durability::kProcess:
      return "as long as the process that keeps the positions lives, and not beyond";
    case Durability::kProcessCrash:
      return "also over kill -9 of any process, but not over a crash of the system";
    case Durability::kOsCrash:
      return "also over a crash of the system, but not over a loss of power";
    case Durability::kPowerLoss:
      return "also over kill -9, a crash of the system and a loss of power";
    case Durability::kReplicaLoss:
      return "also over the loss of one machine";
  }
  return {};
}

}  // namespace

std::string_view ToString(Grade grade) noexcept {
  switch (grade) {
    case Grade::kOk:
      return "ok";
    case Grade::kUnknown:
      return "unknown";
    case Grade::kWarning:
      return "warning";
    case Grade::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string GuaranteeOf(const StoreInfo& info) {
  std::string text = "at least once: no record is lost and some may come again, " +
                     std::string(AsLongAs(info.durability));
  text += info.capabilities.fenced_commits
              ? "; a consumer that lost its partition cannot move the position any more"
              : "; there are no claims here: only a group coordinator, as Kafka has, keeps a "
                "consumer that lost its partition from moving the position";
  return text;
}

}  // namespace offsetstore
