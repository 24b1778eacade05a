// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/dual_ledger.h"
#include "offsetstore/store.h"

namespace offsetstore::internal {

/// Brings the secondary to what the primary holds, for some partitions of one group: takes the
/// claims that are missing, writes, and goes back where the secondary is ahead. One at a time for
/// a pair of stores.
class DualPayment {
 public:
  DualPayment(OffsetStore& primary,
              OffsetStore& secondary,
              std::string_view group,
              const Owner& by,
              Deadline deadline)
      : primary_(primary),
        secondary_(secondary),
        info_(secondary.Info()),
        group_(group),
        by_(by),
        deadline_(deadline) {}

  void Pay(std::vector<Debt>& debts);

  /// Why the secondary looks as if it were away: nothing got through to it.
  [[nodiscard]] const std::optional<std::string>& away() const noexcept { return away_; }

 private:
  using Part = std::vector<Debt*>;

  // Claims.
  void TakeClaims(std::vector<Debt>& debts);
  /// Learns whom the claims may follow, then drops what the primary gave to somebody else since.
  /// In this order: whoever the primary prefers later sees on the secondary what we did there.
  void Look(const Part& part);
  void CheckStillOurs(const Part& part);
  void TakeClaim(Debt& debt, const Nonce& nonce, ClaimAnswer answer);
  static void Refused(Debt& debt, const std::optional<ClaimView>& holder);

  // Positions.
  void Write(const Part& part);
  /// Asks the primary, and goes back only where it says so.
  void GoBack(const Part& part);
  [[nodiscard]] Move ToMove(const Debt& debt) const;
  void TakeOutcome(Debt& debt, const Outcome& outcome);
  static void TakeFence(Debt& debt, const std::optional<ClaimView>& holder);
  [[nodiscard]] bool IsThere(Debt& debt) const;

  void FailCall(const Part& part, const Error& error);
  void FailOne(Debt& debt, const Error& error);
  [[nodiscard]] std::vector<TopicPartition> At(const Part& part) const;

  OffsetStore& primary_;
  OffsetStore& secondary_;
  const StoreInfo& info_;
  std::string_view group_;
  const Owner& by_;
  Deadline deadline_;
  std::optional<std::string> away_;
};

}  // namespace offsetstore::internal
