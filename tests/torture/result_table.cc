// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "result_table.h"

#include <stdexcept>

#include "offsetstore/uri.h"

namespace offsetstore::testing {

std::unique_ptr<ResultTable> OpenSqliteResults(const std::string& path);

std::unique_ptr<ResultTable> OpenResultTable(const std::string& uri) {
  const auto parsed = ParseUri(uri);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  if (parsed->scheme == "sqlite") return OpenSqliteResults(parsed->path);
  throw std::runtime_error("no table of results in " + parsed->scheme);
}

}  // namespace offsetstore::testing
