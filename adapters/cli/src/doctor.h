// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "exit_code.h"
#include "offsetstore/examine.h"
#include "offsetstore/result.h"
#include "report.h"

namespace offsetstore::cli {

/// A store that was looked at, or why it could not be.
struct Patient {
  std::string name;  ///< `primary` or `secondary` of a dual; else empty.
  Result<Examination> found;
};

/// The least that an acknowledged commit must survive.
struct Demand {
  Durability durability = Durability::kPowerLoss;
};

/// Everything that is known of one patient, as findings: how it was reached, what the backend
/// found, durability and guarantee.
[[nodiscard]] std::vector<Finding> Diagnose(const Patient& patient, const Demand& demand);

/// All patients in one report; in a table the advice stands on a line of its own.
[[nodiscard]] Report DoctorReport(std::span<const Patient> patients,
                                  const Demand& demand,
                                  OutputForm form);

/// `kDone` where all is well. A store that could not be opened, or may not be used, comes before
/// `kVerification`, which stands for every other warning or failure.
[[nodiscard]] ExitCode DoctorCode(std::span<const Patient> patients, const Demand& demand);

}  // namespace offsetstore::cli
