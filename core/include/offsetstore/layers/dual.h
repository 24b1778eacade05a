// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offsetstore/clock.h"
#include "offsetstore/deadline.h"
#include "offsetstore/metrics.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// The secondary does not hold what the primary holds, or does again.
struct Drift {
  enum class Kind : std::uint8_t {
    kFailed,   ///< It could not be written: away, slow, without rights, or not able to.
    kInDoubt,  ///< A write was sent to it and its answer was lost.
    kFenced,   ///< Somebody else holds its claim.
    kAhead,    ///< It held a later position than the primary, which is the truth.
    kHealed,   ///< It holds again what the primary holds.
  };
  Kind kind = Kind::kFailed;
  std::string group;
  std::optional<TopicPartition> at;   ///< None: the secondary as a whole, at its close.
  std::optional<Position> primary;    ///< What the primary holds, where known.
  std::optional<Position> secondary;  ///< What the secondary holds, where known.
  std::string why;                    ///< One line for people; empty for `kHealed`.
};
[[nodiscard]] std::string_view ToString(Drift::Kind kind) noexcept;

/// `ahead: orders[3] of group payments: primary 100, secondary 120: <why>`: one line, escaped.
[[nodiscard]] std::string ToString(const Drift& drift);

struct DualOptions {
  /// What the secondary may take of one call, beside the primary, within the call's deadline.
  Duration secondary_timeout = std::chrono::seconds(1);
  /// Told once for each change of a partition's state, on the thread of the call that noticed it,
  /// with no lock held. Must be quick and must not throw.
  std::function<void(const Drift&)> on_drift;
  Metrics* metrics = nullptr;  ///< Counts `offsetstore_dual_drift_total`; must outlive the store.
  Clock* clock = nullptr;      ///< For the pauses of a secondary that is away; null = the real one.
};

/// Two finished stores, each with its own layers, as one: moves a live consumer from one store to
/// the other. `docs/dual.md` has the steps.
///
/// **The primary is the truth.** Reads, lists, outcomes, claims, capabilities and durability are
/// its own; what it refuses or leaves in doubt never reaches the secondary. Limits are the smaller
/// of both and metadata needs both, so that a name that the secondary cannot keep is
/// `InvalidArgument` before anything is written. The caller's transaction is not joined.
///
/// **The secondary follows.** What the primary applied is then done on the secondary, in the same
/// call and within `secondary_timeout`. A failure there never fails the call: it is drift. What the
/// secondary still owes is kept in memory, the newest position of each partition, and is paid with
/// the next call for that group (a read, too: it finishes an earlier write of this store). A
/// secondary that is away or slow is left alone for a pause that doubles from 250 ms to 5 s.
///
/// - Claims: a granted claim is also taken on the secondary, whose token is remembered beside the
///   primary's and used for it alone. It follows exactly the claim that the secondary showed before
///   the primary granted its own, so of two claimers at once the one that the primary chose ends
///   up with both. After that the secondary's claim is only ever renewed on its own earlier token,
///   or after one that nobody holds: who takes it away keeps it (`kFenced`) until the caller claims
///   anew.
/// - With a claim the secondary is brought to the primary's position: forward, or back (`kAhead`).
///   Where the primary holds nothing, nothing of the secondary is removed.
/// - A secondary without claims (Kafka) gets unclaimed commits, and a set where it must go back. A
///   primary without claims has its secondary written by unclaimed commits too.
/// - `kSet` and `Remove` were checked by the primary against what the plan saw. On the secondary
///   they are made without a condition, once, and fence whoever holds a claim there.
/// - `Atomicity::kAll` holds for the primary; the secondary gets each partition by itself.
/// - `Close` closes both and answers for the primary.
///
/// Wrong: a dual inside `WithRetry`, which would repeat one leg for the sake of the other.
/// `ConfigInvalid` where both are the same store: claims on one would fence the other.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> JoinStores(
    std::unique_ptr<OffsetStore> primary,
    std::unique_ptr<OffsetStore> secondary,
    DualOptions options);

/// `dual:?primary=URI&secondary=URI[&secondary-timeout=1s]`. In an inner URI `%`, `&` and `#` are
/// written `%25`, `%26` and `%23`.
inline constexpr std::string_view kDualScheme = "dual";
inline constexpr std::string_view kDualSummary =
    "two stores as one: the primary decides, the secondary follows (docs/dual.md)";
inline constexpr std::string_view kDualExample =
    "dual:?primary=sqlite:///var/lib/app/offsets.db&secondary=file:///var/lib/app/offsets";

struct DualUris {
  std::string primary;    ///< May hold a secret: print `Redacted` only.
  std::string secondary;  ///< The same.
  Duration secondary_timeout = DualOptions{}.secondary_timeout;
};

/// Reads the keys of a `dual:` URI. `ConfigInvalid` for a missing or unknown key, a host, a path,
/// or a dual inside a dual.
[[nodiscard]] Result<DualUris> ReadDualUri(const Uri& uri);

/// Writes one; `ReadDualUri` gives the same back.
[[nodiscard]] std::string ToText(const DualUris& uris);

}  // namespace offsetstore
