// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "backing.h"
#include "commands.h"
#include "locked_write.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "transaction.h"

namespace offsetstore::postgres {

/// The calls that write. A batch of ordinary commits is one statement with the fence in it, and one
/// round trip; all else, and what that statement did not move, is decided on locked rows.
class Writer {
 public:
  explicit Writer(Backing& backing) noexcept : backing_(backing) {}

  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline);
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline);
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline);
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline);

 private:
  struct Batch;
  enum class Shape;

  [[nodiscard]] static Shape ShapeOf(std::span<const Move> moves);
  [[nodiscard]] Command AtOnceCommand(const Batch& batch,
                                      Shape shape,
                                      std::span<const Move* const> sorted) const;
  [[nodiscard]] Result<Transaction::Finished> Send(Command command, Deadline deadline);
  [[nodiscard]] Status CommitAtOnce(Batch& batch, Deadline deadline);
  [[nodiscard]] Status CommitLocked(Batch& batch, Deadline deadline);

  /// Decides each request on its locked row. `judge` gives the answer and the record to store.
  template <class Answer, class Request, class Judge>
  [[nodiscard]] Answers<Answer> JudgeLocked(std::string_view group,
                                            std::span<const Request> requests,
                                            Transaction::Kind kind,
                                            Deadline deadline,
                                            Judge judge);
  [[nodiscard]] Result<std::string> Locked(const Scope& scope,
                                           const Keys& keys,
                                           Transaction::Kind kind,
                                           Deadline deadline,
                                           const Decide& decide);

  Backing& backing_;
};

}  // namespace offsetstore::postgres
