// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "offsetstore/error.h"
#include "offsetstore/position.h"
#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Wall-clock time in milliseconds since the epoch. For display only: no decision of this library
/// rests on it.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// The wall clock now.
[[nodiscard]] Time Now() noexcept;

/// One partition of one topic. `partition` is 0 to 2^31-1.
struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;

  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// `orders[3]`, with control characters escaped.
[[nodiscard]] std::string ToString(const TopicPartition& at);

/// A random number that tells two claims apart even where a store went back in time and issued the
/// same counter twice (a failover, a restored backup). Made by the client.
struct Nonce {
  std::array<std::uint8_t, 16> bytes{};

  /// From the kernel's random source.
  [[nodiscard]] static Nonce Random();
  /// Parses the 32 lower-case hexadecimal digits that `Hex` writes; nothing else.
  [[nodiscard]] static std::optional<Nonce> FromHex(std::string_view hex) noexcept;
  [[nodiscard]] std::string Hex() const;

  friend auto operator<=>(const Nonce&, const Nonce&) = default;
};

/// What a holder shows to commit: the store's counter and the claim's nonce. The counter of a
/// partition only grows, also over `Release` and `Remove`.
struct ClaimToken {
  std::uint64_t counter = 0;  ///< 1 to 2^63-1 for every claim that exists.
  Nonce nonce;

  friend auto operator<=>(const ClaimToken&, const ClaimToken&) = default;
};

/// Who holds a claim or wrote an entry. For people, and for the static assignment's check whether
/// a holder's process is gone; never part of the fence itself.
struct Owner {
  enum class Kind : std::uint8_t {
    kMember,    ///< A consumer.
    kOperator,  ///< A tool: `set`, `delete`, `reset`, a migration.
  };
  Kind kind = Kind::kMember;
  std::string name;        ///< `offsetstore.owner`; default host name + assignment.
  std::string host;        ///< Host name.
  std::int64_t pid = 0;    ///< Process id as its own pid namespace sees it.
  std::string process;     ///< `ProcessIdentity()`: boot id, pid namespace, pid, start time.
  std::string member_id;   ///< The group member id, empty for tools and static assignment.
  std::string cluster_id;  ///< Kafka's cluster id as the owner knows it, empty = not known.
  Time since{};            ///< When the owner took the claim, by its own clock.

  friend bool operator==(const Owner&, const Owner&) = default;
};

/// This process as an `Owner` of `kind`: host, pid and process identity filled in, `since` now.
[[nodiscard]] Owner ThisProcess(Owner::Kind kind, std::string name = {});

/// `member payments-1 (host db3, pid 4242, since 2026-01-02T03:04:05.678Z)`, escaped for one line.
[[nodiscard]] std::string ToString(const Owner& owner);

/// `2026-01-02T03:04:05.678Z`.
[[nodiscard]] std::string ToString(Time time);

/// The store was read and holds nothing for that partition. Never the same as unreadable (an
/// `Error`) nor as position 0.
struct Absent {
  friend auto operator<=>(const Absent&, const Absent&) = default;
};

/// One stored position and what is known beside it.
struct Entry {
  Position position;
  std::optional<std::int32_t> leader_epoch;  ///< Of the record before `position` (KIP-320).
  std::string topic_id;                      ///< Kafka's topic UUID (KIP-516), empty = not known.
  std::string cluster_id;                    ///< Kafka's cluster id, empty = not known.
  std::string metadata;                      ///< The application's own bytes.
  std::optional<Time> commit_time;           ///< As the writer's or the server's clock had it.
  std::string writer;                        ///< Who wrote it, as `ToString(Owner)` says it.

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// What a read found for one partition.
using Slot = std::variant<Absent, Entry, Error>;

/// A claim as a read shows it.
struct ClaimView {
  ClaimToken token;
  Owner owner;
  bool released = false;  ///< Nobody holds it: given back, or left so by an operator's `set`.

  friend bool operator==(const ClaimView&, const ClaimView&) = default;
};

/// Conditions on the claim that is stored.
struct Any {
  friend bool operator==(const Any&, const Any&) = default;
};
/// Nobody holds it: no claim, a removed one, or a released one.
struct Nobody {
  friend bool operator==(const Nobody&, const Nobody&) = default;
};
/// `ClaimToken`: exactly that claim is the newest one, held or released (also the claim that a
/// `Remove` left, which no read shows).
using Expect = std::variant<Any, Nobody, ClaimToken>;

/// Condition on the position that is stored: nothing at all, or exactly this position.
using From = std::variant<Absent, Position>;

}  // namespace offsetstore

template <>
struct std::hash<offsetstore::TopicPartition> {
  std::size_t operator()(const offsetstore::TopicPartition& at) const noexcept {
    return std::hash<std::string>()(at.topic) * 31U + static_cast<std::size_t>(at.partition);
  }
};
