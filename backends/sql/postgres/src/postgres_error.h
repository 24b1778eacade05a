// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "handles.h"
#include "offsetstore/error.h"

namespace offsetstore::postgres {

/// The only place that turns what a server says into errors. `sqlstate`: its five characters.
/// `doing` says what was tried. All of them mean that nothing was applied; `InDoubt` is for whoever
/// knows that a COMMIT was sent.
[[nodiscard]] Error PostgresError(std::string_view sqlstate,
                                  std::string_view text,
                                  std::string_view doing);

/// The error of a statement's result.
[[nodiscard]] Error PostgresError(const PGresult* result, std::string_view doing);

/// Why a connection could not be made. libpq keeps no SQLSTATE of it: it must have been made with
/// `PQERRORS_VERBOSE`, which puts one into the text.
[[nodiscard]] Error ConnectError(PGconn* connection, std::string_view server);

/// A connection that broke in use.
[[nodiscard]] Error BrokenError(PGconn* connection, std::string_view doing);

/// The same, after a COMMIT was sent: it may or may not have been applied.
[[nodiscard]] Error ToInDoubt(Error error);

/// The SQLSTATE of a result; empty: the server did not say it, the connection broke.
[[nodiscard]] std::string_view SqlState(const PGresult* result) noexcept;

/// Whether a statement failed.
[[nodiscard]] bool IsFailure(const PGresult* result) noexcept;

/// Whether the server ended the session with it.
[[nodiscard]] bool IsFatal(const PGresult* result) noexcept;

/// Whether an error is of this SQLSTATE, or of the class that its two characters name.
[[nodiscard]] bool HasState(const Error& error, std::string_view state);

/// Whether the same transaction may be tried again at once: a deadlock, a serialisation failure,
/// somebody who inserted the same row first, a prepared statement that is gone.
[[nodiscard]] bool ShouldRedo(const Error& error);

/// Whether prepared statements do not work here, as behind a pooler.
[[nodiscard]] bool IsLostStatement(const Error& error);

/// Whether the server takes no writes: a standby, or one that was made read-only.
[[nodiscard]] bool IsReadOnly(const Error& error);

/// Whether an all-or-nothing statement could not do all (see `Statements`).
[[nodiscard]] bool IsNotAll(const Error& error);

}  // namespace offsetstore::postgres
