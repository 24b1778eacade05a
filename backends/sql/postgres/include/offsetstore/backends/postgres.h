// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/registry.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/transaction.h"
#include "offsetstore/uri.h"

struct pg_conn;  // libpq's PGconn

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

/// A connection as the store makes its own: the first of the hosts that takes us, encrypted and
/// verified where the server is on another machine, UTF-8. The caller ends it with `PQfinish`.
/// Errors: `ConfigInvalid`, `PermissionDenied`, `Unavailable`, `DeadlineExceeded`.
[[nodiscard]] Result<pg_conn*> ConnectPostgres(const PostgresOptions& options, Deadline deadline);

/// A connection of the caller's by another client than libpq. All values are in text form, as the
/// server writes them (with its default `bytea_output`).
struct PostgresPort {
  using Value = std::optional<std::string>;  ///< None: NULL.
  using Rows = std::vector<std::vector<Value>>;

  PostgresPort() = default;
  PostgresPort(const PostgresPort&) = delete;
  PostgresPort& operator=(const PostgresPort&) = delete;
  virtual ~PostgresPort() = default;

  /// Runs one statement with the parameters `$1`, `$2`, ... on the connection, in its transaction;
  /// no rows where it has none. An error is made by `PostgresRefusal`; no exception may leave it.
  [[nodiscard]] virtual Result<Rows> Execute(const std::string& statement,
                                             std::span<const Value> parameters,
                                             Deadline deadline) = 0;
};

/// The error of a statement that the server refused. `sqlstate`: its five characters; empty: the
/// connection broke.
[[nodiscard]] Error PostgresRefusal(std::string_view sqlstate, std::string_view message);

/// Positions of `group` that move inside the transactions of the caller's own connection, which
/// must lead to the database of `store` (`OffsetStore::Info()` of the plain store). Of `options`
/// only `schema`, `table` and `prepare` are looked at. The connection must be idle or inside a
/// transaction; nothing is written. One for each connection and group, kept as long as the
/// connection.
///
/// `Lock` locks the rows of the partitions until the transaction ends: whoever claims one of them
/// waits. It takes one round trip, and so does `Move`; by a port they take four and two. After most
/// refusals the transaction has failed. A deadline that passes before the server answers leaves the
/// connection without use: close it.
///
/// Whoever stops inside the transaction would hold the rows for ever: the server ends a session
/// that is idle in it for longer than `most_idle`. A shorter bound of the caller's stays; 0: only
/// his.
///
/// Any isolation level will do; with REPEATABLE READ and SERIALIZABLE a claim or commit since the
/// snapshot is `Unavailable`, to be done again in a new transaction. Savepoints may be used freely,
/// but going back to one from before `Lock` gives the lock up, and `Move` is refused. A pooler in
/// transaction mode is recognised; without one, statements are prepared, and deallocated at the end
/// unless a transaction is open then.
///
/// By a port `Begin` and `Commit` are `Unsupported`: its client has calls of its own.
/// Errors: `Unsupported` (a store of another kind), `ConfigInvalid` (another database, or one
/// without our tables; a client encoding that is not UTF8), `PermissionDenied`, `Unavailable`,
/// `DeadlineExceeded`.
[[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> OpenPostgresTransactional(
    pg_conn* connection,
    const PostgresOptions& options,
    const StoreInfo& store,
    std::string group,
    Deadline deadline,
    Duration most_idle = std::chrono::seconds(30));
/// `port` must outlive it.
[[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> OpenPostgresTransactional(
    PostgresPort& port,
    const PostgresOptions& options,
    const StoreInfo& store,
    std::string group,
    Deadline deadline,
    Duration most_idle = std::chrono::seconds(30));

/// Adds the schemes `postgresql` and `postgres`.
[[nodiscard]] Status RegisterPostgresBackend(BackendRegistry& registry);

}  // namespace offsetstore
