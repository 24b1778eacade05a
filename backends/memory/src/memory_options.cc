// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "internal/macros.h"
#include "offsetstore/backends/memory.h"

namespace offsetstore {

Result<MemoryOptions> MemoryOptions::FromUri(const Uri& uri) {
  if (uri.has_authority || !uri.path.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "memory: takes neither a host nor a path; write memory: or "
                     "memory:?space=NAME instead of " +
                         uri.text);
  }
  MemoryOptions options;
  QueryReader query(uri);
  options.space = query.String("space", "");
  OS_RETURN_IF_ERROR(query.Finish());
  return options;
}

}  // namespace offsetstore
