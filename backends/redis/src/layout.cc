// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/types.h"
#include "offsetstore/units.h"

namespace offsetstore::redis {
namespace {

/// The format that this release writes. Opening never changes it: in a rolling deploy older
/// releases still use the same store.
constexpr std::int64_t kFormat = 1;

Result<std::string> StoreIdIn(std::string_view mark, const std::string& key) {
  const std::size_t blank = mark.find(' ');
  const Result<std::int64_t> format = ParseInteger(mark.substr(0, blank));
  if (!format || *format < 1) {
    return MakeError(ErrorCode::kCorrupt,
                     "the key " + key + " holds '" + Printable(mark.substr(0, 80)) +
                         "', which is no store; another program uses this prefix (prefix=)");
  }
  if (*format > kFormat) {
    return MakeError(ErrorCode::kUnsupported,
                     "the stored format is " + std::to_string(*format) +
                         " and this release reads up to " + std::to_string(kFormat) +
                         "; use a newer release (nothing was changed)");
  }
  const std::string_view id = blank == std::string_view::npos ? "" : mark.substr(blank + 1);
  if (!Nonce::FromHex(id)) {
    return MakeError(ErrorCode::kCorrupt,
                     "the key " + key + " holds the store id '" + Printable(id.substr(0, 80)) +
                         "', expected 32 hexadecimal digits");
  }
  return std::string(id);
}

/// Several processes may make the store at the same time: one of them does.
Status MakeStore(Link& link, const std::string& key, Deadline deadline) {
  const std::string mark = std::to_string(kFormat) + ' ' + Nonce::Random().Hex();
  const auto made = Ask(link, Command{"SET", key, mark, "NX"}, deadline);
  if (!made) return made.error();
  return {};
}

}  // namespace

Result<Layout> FindStore(Link& link, const RedisOptions& options, Deadline deadline) {
  Layout layout{KeyNames(options.prefix, options.space), {}, {}};
  const std::string& key = layout.names.meta();
  OS_ASSIGN_OR_RETURN(Reply found, Ask(link, Command{"GET", key}, deadline));
  if (IsNil(*found)) {
    if (!options.create) {
      return MakeError(
          ErrorCode::kConfigInvalid,
          link.connection->endpoint() + ": there is no store (no key " + key +
              "), and it is not to be made; check the number of the database and prefix=");
    }
    OS_RETURN_IF_ERROR(MakeStore(link, key, deadline));
    OS_ASSIGN_OR_RETURN(found, Ask(link, Command{"GET", key}, deadline));
  }
  layout.mark = TextOf(*found);
  OS_ASSIGN_OR_RETURN(layout.store_id, StoreIdIn(layout.mark, key));
  return layout;
}

Error StoreIsGone(const Layout& layout, std::string_view endpoint) {
  return MakeError(ErrorCode::kUnavailable,
                   std::string(endpoint) + ": the key " + layout.names.meta() +
                       " is gone or another store's: the database was flushed, swapped or "
                       "restored; bring it back, or open the store again to start anew");
}

}  // namespace offsetstore::redis
