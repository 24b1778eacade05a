// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// One reader per format. Each hands on rows with their line, and does not look for rows that stand
// there twice: ReadRows does.
#pragma once

#include <string>
#include <vector>

#include "formats/source.h"
#include "offsetstore/migration/formats.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

using Notes = std::vector<std::string>;

[[nodiscard]] Status ReadJson(Source& source, const FormatOptions& options, const TakeRow& take);
[[nodiscard]] Status ReadKafkaCsv(Source& source,
                                  const FormatOptions& options,
                                  const TakeRow& take);
[[nodiscard]] Status ReadZk(Source& source, const FormatOptions& options, const TakeRow& take);
[[nodiscard]] Status ReadRpk(Source& source, const FormatOptions& options, const TakeRow& take);
[[nodiscard]] Status ReadYelp(Source& source,
                              const FormatOptions& options,
                              const TakeRow& take,
                              Notes& notes);
[[nodiscard]] Status ReadKcl(Source& source, const FormatOptions& options, const TakeRow& take);

/// What `source` is, where it can be told surely. Takes nothing from it.
[[nodiscard]] Result<Format> Detect(const Source& source);

}  // namespace offsetstore::migration
