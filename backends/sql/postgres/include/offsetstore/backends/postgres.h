// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Positions in one PostgreSQL database, which may be the application's own. See
/// docs/backends/postgres.md for the tables, the rights a role needs, the durability and what can
/// go wrong.
struct PostgresOptions {
  enum class Prepare : std::uint8_t {
    kAuto,   ///< Prepared statements, except behind a pooler such as pgbouncer.
    kNever,  ///< None.
  };
  /// Tried in this order. Empty: libpq's own default (`PGHOST`, else the local socket). A name that
  /// starts with a slash is a folder with the server's socket.
  std::vector<Uri::Host> hosts;
  std::string database;  ///< Empty: libpq's own default.
  std::string user;      ///< Empty: libpq's own default.
  std::string password;  ///< Empty: `PGPASSWORD`, or the password file.
  /// libpq's further keywords (`sslmode`, `connect_timeout`, `application_name`, ...).
  std::map<std::string, std::string, std::less<>> libpq;

  std::string schema = "public";      ///< `[a-z_][a-z0-9_]*`, at most 63 characters.
  std::string table = "offsetstore";  ///< What the names of our tables start with; the same
                                      ///< pattern, at most 40 characters.
  std::string space;                  ///< Valid UTF-8 without the byte 0, at most 512 bytes.
  bool create = true;                 ///< False: missing tables are an error.
  std::size_t pool = 4;               ///< Most connections at a time, 1 to 100.
  Prepare prepare = Prepare::kAuto;

  /// Reads libpq's own form of URI, `postgresql://[user[:password]@]host[:port][,...][/database]`,
  /// with libpq's keywords and ours (`schema`, `table`, `space`, `create`, `pool`, `prepare`) in
  /// the query. `ConfigInvalid` names what is wrong.
  [[nodiscard]] static Result<PostgresOptions> FromUri(const Uri& uri);
};

/// Opens the bare store (without layers); makes the tables where they are missing. Opens one
/// connection now and the others when calls overlap.
/// Errors: `ConfigInvalid` (a bad option, no such database or schema, a certificate that does not
/// fit, tables or a view of somebody else under our names, no tables and `create` is false),
/// `PermissionDenied` (password, rights), `Unsupported` (an old server, a database that is not
/// UTF-8, a newer format), `Unavailable`, `Corrupt`, `DeadlineExceeded`.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenPostgresStore(const PostgresOptions& options,
                                                                     Deadline deadline);

/// The statements that make tables and view as `OpenPostgresStore` does, for an administrator to
/// run by himself, in one transaction. Each call makes a store id of its own: the database that it
/// is run on is a new store.
[[nodiscard]] std::string PostgresSchema(const PostgresOptions& options);

/// Adds the schemes `postgresql` and `postgres`.
[[nodiscard]] Status RegisterPostgresBackend(BackendRegistry& registry);

}  // namespace offsetstore
