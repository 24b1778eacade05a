// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "offsetstore/backends/postgres.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"

namespace offsetstore::postgres {

/// One server to try, as libpq's keywords with their values.
struct Server {
  std::string name;  ///< For people: `db1:5432`.
  std::vector<std::pair<std::string, std::string>> keywords;
  Duration limit{};  ///< `connect_timeout`; zero: the deadline alone.
};

struct Servers {
  std::vector<Server> each;
  std::string endpoint;  ///< For people: `db1:5432,db2:5432/app`.
};

/// What to connect to: the options, and for what they do not say libpq's environment. One server
/// for each host, since libpq itself goes on to the next only where it may block.
[[nodiscard]] Result<Servers> ToServers(const PostgresOptions& options);

/// libpq's keywords that a URI may hold in its query beside our own keys.
[[nodiscard]] std::vector<std::string> LibpqKeywords();

}  // namespace offsetstore::postgres
