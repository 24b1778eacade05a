// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "result_table.h"

#include <stdexcept>

#include "offsetstore/uri.h"

namespace offsetstore::testing {

std::unique_ptr<ResultTable> OpenSqliteResults(const std::string& path);
std::unique_ptr<ResultTable> OpenPostgresResults(const std::string& uri);

std::unique_ptr<ResultTable> OpenResultTable(const std::string& uri) {
  const auto parsed = ParseUri(uri);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  if (parsed->scheme == "sqlite") return OpenSqliteResults(parsed->path);
#ifdef OFFSETSTORE_TEST_POSTGRES_RESULTS
  if (parsed->scheme == "postgresql") return OpenPostgresResults(uri);
#endif
  throw std::runtime_error("no table of results in " + parsed->scheme);
}

}  // namespace offsetstore::testing
