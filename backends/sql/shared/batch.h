// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/rules.h"
#include "offsetstore/result.h"
#include "offsetstore/transaction.h"

namespace offsetstore::sql {

/// What `TransactionalPositions` asks and says, whatever the database: the requests are checked and
/// the answers made here. Knows which partitions of the transaction are locked.
class Batch {
 public:
  /// `scheme`: of the backend. Errors: `Unsupported` (the store is of another one),
  /// `InvalidArgument` (a group that it cannot keep).
  [[nodiscard]] static Result<Batch> Make(const StoreInfo& store,
                                          std::string group,
                                          std::string_view scheme);

  [[nodiscard]] const StoreInfo& store() const noexcept { return store_; }
  [[nodiscard]] const std::string& group() const noexcept { return group_; }

  [[nodiscard]] Status CheckLock(std::span<const Claimed> claims, Deadline deadline) const;
  /// Also that each was locked.
  [[nodiscard]] Status CheckMove(std::span<const Move> moves, Deadline deadline) const;
  /// `found`: the id that stands in the database of the connection.
  [[nodiscard]] Status CheckStoreId(std::string_view found) const;

  void Forget() noexcept { locked_.clear(); }
  [[nodiscard]] bool HasLocked() const noexcept { return !locked_.empty(); }

  /// The answer for a row that nobody else can change any more.
  [[nodiscard]] LockAnswer Lock(const Result<internal::Record>& found, const Claimed& claim);

  /// Why a move that the fence did not let through is refused.
  [[nodiscard]] static Outcome Refuse(const Result<internal::Record>& found,
                                      const Move& move,
                                      const Owner& by);

  /// Names the call and the group in every error.
  [[nodiscard]] Error Name(Error error, std::string_view operation) const;
  [[nodiscard]] Status Name(Status status, std::string_view operation) const;
  [[nodiscard]] Answers<LockAnswer> Name(Answers<LockAnswer> answers) const;
  [[nodiscard]] Answers<Outcome> Name(Answers<Outcome> answers) const;

 private:
  Batch(StoreInfo store, std::string group) : store_(std::move(store)), group_(std::move(group)) {}
  [[nodiscard]] Status CheckOne(const Move& move) const;

  StoreInfo store_;
  std::string group_;
  std::map<TopicPartition, ClaimToken> locked_;
};

}  // namespace offsetstore::sql
