// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A process that kills or stops itself at a named point: between any two steps that a consumer
// takes.
#pragma once

#include <memory>
#include <string_view>

#include "offsetstore/forwarding_positions.h"
#include "offsetstore/forwarding_store.h"

namespace offsetstore::testing {

/// Dies by SIGKILL where `OFFSETSTORE_KILL_AT` says so (`POINT:N`, at the N-th time of this point),
/// stops by SIGSTOP where `OFFSETSTORE_STOP_AT` does.
void Pass(std::string_view point);

/// Points: `before claim`, `after claim`, `before release`, `after release`.
class MortalStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
};

/// Points: `before begin`, `before lock`, `after lock`, `before move`, `after move`, `before
/// commit`, `after commit`.
class MortalPositions final : public ForwardingPositions {
 public:
  using ForwardingPositions::ForwardingPositions;
  [[nodiscard]] Answers<LockAnswer> Lock(std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Move(std::span<const offsetstore::Move> moves,
                                      const Owner& by,
                                      Deadline deadline) override;
  [[nodiscard]] Status Begin(Deadline deadline) override;
  [[nodiscard]] Status Commit(Deadline deadline) override;
};

}  // namespace offsetstore::testing
