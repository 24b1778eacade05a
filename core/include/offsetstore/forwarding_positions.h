// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "offsetstore/transaction.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Hands every call to the positions below: derive from it and override what you change. Threads,
/// errors and blocking are theirs.
class ForwardingPositions : public TransactionalPositions {
 public:
  explicit ForwardingPositions(std::unique_ptr<TransactionalPositions> below)
      : below_(std::move(below)) {}

  [[nodiscard]] Answers<LockAnswer> Lock(std::span<const Claimed> claims,
                                         Deadline deadline) override {
    return below_->Lock(claims, deadline);
  }
  [[nodiscard]] Answers<Outcome> Move(std::span<const offsetstore::Move> moves,
                                      const Owner& by,
                                      Deadline deadline) override {
    return below_->Move(moves, by, deadline);
  }
  [[nodiscard]] Status Begin(Deadline deadline) override { return below_->Begin(deadline); }
  [[nodiscard]] Status Commit(Deadline deadline) override { return below_->Commit(deadline); }
  void Rollback() noexcept override { below_->Rollback(); }

 protected:
  [[nodiscard]] TransactionalPositions& below() const noexcept { return *below_; }

 private:
  const std::unique_ptr<TransactionalPositions> below_;
};

}  // namespace offsetstore
