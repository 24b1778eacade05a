// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "into/result_table.h"

namespace offsetstore::cli {

[[nodiscard]] Result<std::unique_ptr<ResultTable>> NewPostgresTable(const IntoUri& into,
                                                                    Values values);

}  // namespace offsetstore::cli
