// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "offsetstore/properties.h"
#include "offsetstore/uri.h"

namespace offsetstore::cli {

/// What `--into` names: a table, in the database that holds the positions too.
struct IntoUri {
  Uri uri;                ///< Without `table`: the options of the database.
  std::string store;      ///< The same as text: the store of that database. May hold a secret.
  std::string positions;  ///< The store in use, by `WithInto`: that one, or as it is written.
  std::string table;
};

/// Whether `--into` names a database, and not a file by its path.
[[nodiscard]] bool IsDatabase(std::string_view into) noexcept;

/// Reads `sqlite:///PATH?table=T` or `postgresql://HOST/DB?table=T`. `InvalidArgument` where there
/// is no table, or the scheme is another one.
[[nodiscard]] Result<IntoUri> ParseInto(const std::string& into);

/// The consumer's properties for records that go into `into`: exactly once, with the store in that
/// database, where they say nothing. `ConfigInvalid` where they say something else.
[[nodiscard]] Result<Properties> WithInto(Properties properties, IntoUri& into);

/// Where positions are kept is not where records go.
[[nodiscard]] Error OtherDatabase(const Properties& properties, const IntoUri& into);

}  // namespace offsetstore::cli
