// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a dual store remembers of its secondary: the claim that goes with each claim of the primary,
// and what the secondary still owes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/layers/dual.h"
#include "offsetstore/store.h"

namespace offsetstore::internal {

/// How one partition stands on the secondary.
struct Shadow {
  enum class Hold : std::uint8_t {
    kNone,     ///< Written without a claim.
    kPending,  ///< The primary's claim is ours, the secondary's is still to be taken.
    kHeld,     ///< `own` is ours.
    kDoubt,    ///< `own` was ours: renew it on exactly that token before the next write.
    kShut,     ///< Somebody else holds it; left alone until the caller claims anew.
  };
  std::optional<ClaimToken> primary;  ///< The caller's claim that all below belongs to.
  Hold hold = Hold::kNone;
  ClaimToken own;                 ///< kHeld, kDoubt
  std::optional<Expect> seen;     ///< kPending: whom the claim may follow; none: look first.
  std::vector<Nonce> sent;        ///< Of claims whose answer was lost.
  std::optional<Move> target;     ///< What the primary holds; its `claim` is not used.
  bool owes = false;              ///< The secondary is not known to hold it.
  std::uint64_t version = 0;      ///< Grows with each note.
  std::optional<Position> known;  ///< What the secondary was last seen to hold.
  std::optional<Drift::Kind> told;
};

/// One partition of a payment: a copy of its shadow, and what came of it.
struct Debt {
  TopicPartition at;
  Shadow shadow;
  bool open = true;           ///< Nothing stands in its way so far.
  bool paid = false;          ///< The secondary holds `shadow.target`.
  bool foreign = false;       ///< The primary's claim is not ours any more.
  bool left = false;          ///< Not paid, and not to be paid before the next note.
  bool ahead = false;         ///< The secondary holds a later position.
  std::optional<Slot> there;  ///< What the secondary holds, where its claim told.
  struct Note {
    Drift::Kind kind;
    std::string why;
    std::optional<Position> secondary = {};  ///< None: `Shadow::known`.
  };
  std::vector<Note> notes;

  /// Ends it for this payment.
  void Fail(Drift::Kind kind, std::string why);
};

/// Holds at most one entry for each partition that was claimed and not released, that owes, or
/// whose drift was told and not healed. Threads: any. Never blocks but on its own mutex.
class DualLedger {
 public:
  using Drifts = std::vector<Drift>;

  /// `fenced`: the secondary issues claims.
  explicit DualLedger(bool fenced) : fenced_(fenced) {}

  /// The primary granted `answer` to `request`. `view`: the claim that the secondary showed before.
  void NoteClaim(std::string_view group,
                 const ClaimRequest& request,
                 const ClaimAnswer& answer,
                 const std::optional<Expect>& view,
                 const Owner& by);
  /// The primary applied `move`, which is no set.
  void NoteMove(std::string_view group, const Move& move, const Owner& by);
  /// The primary refused `claim`: what goes with it is void.
  void Forget(std::string_view group, const TopicPartition& at, const ClaimToken& claim);
  /// The primary's claims were given back: returns those of the secondary to give back.
  [[nodiscard]] std::vector<Claimed> TakeReleased(std::string_view group,
                                                  std::span<const Claimed> claims);
  /// A set or a removal was made on the primary, and on the secondary, or not (`failure`).
  void NoteOverride(std::string_view group,
                    const TopicPartition& at,
                    std::optional<Position> to,
                    const std::optional<Debt::Note>& failure,
                    Drifts& drifts);

  /// Whether `request` only renews the claim that is known here.
  [[nodiscard]] bool Renews(std::string_view group, const ClaimRequest& request) const;
  [[nodiscard]] bool Owes(std::string_view group) const;
  [[nodiscard]] std::vector<std::string> Groups() const;
  /// What can be paid now.
  [[nodiscard]] std::vector<Debt> Debts(std::string_view group) const;
  /// Who claimed or committed last in the group.
  [[nodiscard]] Owner OwnerOf(std::string_view group) const;
  /// Takes what came of `debts`, but for partitions on which newer notes came meanwhile.
  void Settle(std::string_view group, std::span<const Debt> debts, Drifts& drifts);
  /// Everything that is owed stays so, for this reason.
  void FailAll(std::string_view group, const std::string& why, Drifts& drifts);

  [[nodiscard]] std::size_t size() const;

 private:
  using Shadows = std::map<TopicPartition, Shadow>;
  struct Book {
    Shadows shadows;
    Owner by;
  };

  Shadow& Open(std::string_view group, const TopicPartition& at, const Owner& by);
  [[nodiscard]] Owner OwnerIn(std::string_view group) const;
  [[nodiscard]] Shadow* Find(std::string_view group, const TopicPartition& at);
  [[nodiscard]] const Shadow* Find(std::string_view group, const TopicPartition& at) const;
  void SettleOne(std::string_view group, const Debt& debt, Shadow& shadow, Drifts& drifts);
  /// Ends the shadow; what was told of it stays until it is healed.
  void Drop(std::string_view group, const TopicPartition& at);
  static void Tell(std::string_view group,
                   const TopicPartition& at,
                   Shadow& shadow,
                   Debt::Note note,
                   Drifts& drifts);

  const bool fenced_;
  mutable std::mutex mutex_;  // Guards `books_`.
  std::map<std::string, Book, std::less<>> books_;
};

}  // namespace offsetstore::internal
