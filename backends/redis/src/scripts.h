// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What runs inside the server. Each script checks everything before its first write, since an error
// in the middle leaves what was written before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace offsetstore::redis {

enum class Script : std::uint8_t {
  kNone,
  kCommit,         ///< Moves positions under their claims.
  kCompareAndSet,  ///< Writes where fields hold exactly what was read.
};
inline constexpr std::size_t kScripts = 3;

/// KEYS of both: the group's hash, the index of groups, the key of the store. ARGV of both: what
/// the key of the store must hold, `all` or `each`, the group's name, `wait` where the connection
/// waits for replicas next or nothing; `kCommit`: also the writer and the time; then the words of
/// each partition:
/// - `kCommit`: field, start of the claim line, kind (`a` advance, `r` rewind) followed by the
///   expected position (nothing, `-` for absent, or 19 digits), position, epoch, topic id, cluster
///   id, metadata. Replies for each 1 (applied), 2 (already there), nil (nothing is stored), or
///   what is stored where that forbids it.
/// - `kCompareAndSet`: field, what it must hold (empty: nothing), new value (empty: it stays as it
///   is), `1`, `0` or `-1` for a position that appears, stays as it is or vanishes. Replies for
///   each 1 (it held that, and has the new value) or 0.
/// Instead of the array a word says why nothing was done: see `script_words`.
[[nodiscard]] std::string_view TextOf(Script script) noexcept;

namespace script_words {
inline constexpr std::string_view kGone = "GONE";    ///< The key of the store is not what it was.
inline constexpr std::string_view kCount = "COUNT";  ///< The field `#` holds no number.
inline constexpr std::string_view kIndex = "INDEX";  ///< The index is no sorted set.
}  // namespace script_words

/// Words of one partition in a script's ARGV.
inline constexpr std::size_t kCommitWords = 8;
inline constexpr std::size_t kCompareWords = 4;

}  // namespace offsetstore::redis
