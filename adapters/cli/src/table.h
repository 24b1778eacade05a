// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "console.h"
#include "report.h"

namespace offsetstore::cli {

/// Aligned columns; empty columns after the first four are left out; control characters and bytes
/// that are not UTF-8 are escaped. What a screen has no columns for stands below the row, by name:
/// the last columns, never the first four.
[[nodiscard]] std::string RenderTable(const Report& report, const Screen& screen);

/// The lines of `text` that a screen of so many rows shows, the last of which says how many more
/// there are. 0: all.
[[nodiscard]] std::string FirstLines(const std::string& text, std::size_t rows);

}  // namespace offsetstore::cli
