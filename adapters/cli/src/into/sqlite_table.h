// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "into/result_table.h"

namespace offsetstore::cli {

[[nodiscard]] Result<std::unique_ptr<ResultTable>> NewSqliteTable(const IntoUri& into,
                                                                  Values values);

[[nodiscard]] Status DropSqliteTable(const IntoUri& into);

}  // namespace offsetstore::cli
