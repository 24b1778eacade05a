// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "handles.h"
#include "internal/rules.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"

namespace offsetstore::postgres {

/// What one row says: a record, or why it cannot be read.
using Found = Result<internal::Record>;

struct FoundRow {
  std::size_t key = 0;  ///< Which of the keys that were asked for, from 0.
  TopicPartition at;
  Found found;
};

/// A row of `lock_rows` or a `read_...` statement.
[[nodiscard]] FoundRow ToFoundRow(const PGresult* result, int row);

/// A field in binary form: a whole number of 2, 4 or 8 bytes; a text's bytes.
[[nodiscard]] std::int64_t IntegerAt(const PGresult* result, int row, int column);
[[nodiscard]] std::string_view BytesAt(const PGresult* result, int row, int column);

}  // namespace offsetstore::postgres
