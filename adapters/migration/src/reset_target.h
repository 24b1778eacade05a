// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "offsetstore/migration/reset.h"

namespace offsetstore::migration {

/// Fills in `to` and `note`, or `error`, of a step whose `current` and `log` are known. `time` is
/// what the brokers answered (`kTime`), `file` what the file holds (`kFile`). Pure.
void Resolve(ResetStep& step,
             const ResetTarget& target,
             const Result<Position>* time,
             const Slot* file);

[[nodiscard]] Error NoSuchTopic(const std::string& topic);

}  // namespace offsetstore::migration
