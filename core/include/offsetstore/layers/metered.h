// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "offsetstore/metrics.h"
#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Counts and times every call: `<prefix>_<operation>_seconds`,
/// `<prefix>_<operation>_errors_total`, and per outcome `<prefix>_<operation>_<outcome>_total`.
/// `metrics` must outlive the store.
[[nodiscard]] std::unique_ptr<OffsetStore> WithMetrics(std::unique_ptr<OffsetStore> below,
                                                       Metrics& metrics,
                                                       const std::string& prefix);

}  // namespace offsetstore
