// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "shared/format.h"

#include <cstdint>

#include "offsetstore/types.h"
#include "offsetstore/units.h"

namespace offsetstore::sql {

Status CheckFormat(std::string_view stored) {
  const Result<std::int64_t> format = ParseInteger(stored);
  if (!format || *format < 1) {
    return MakeError(ErrorCode::kCorrupt,
                     "offsetstore_meta says format '" + Printable(stored) +
                         "', which is no version; restore the table from a backup");
  }
  if (*format > kFormat) {
    return MakeError(ErrorCode::kUnsupported,
                     "the stored format is " + std::to_string(*format) +
                         " and this release reads up to " + std::to_string(kFormat) +
                         "; use a newer release (nothing was changed)");
  }
  return {};
}

std::string NewStoreId() {
  return Nonce::Random().Hex();
}

}  // namespace offsetstore::sql
