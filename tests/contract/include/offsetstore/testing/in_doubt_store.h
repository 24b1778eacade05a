// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "offsetstore/forwarding_store.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// A store whose connection is cut in its next commit, once: the caller learns `InDoubt`, whether
/// the server applied the commit or not.
class InDoubtStore final : public ForwardingStore {
 public:
  enum class Cut {
    kBeforeTheServer,  ///< The commit never arrived.
    kAfterTheServer,   ///< The commit was applied, its answer was lost.
  };

  InDoubtStore(std::unique_ptr<OffsetStore> below, Cut cut)
      : ForwardingStore(std::move(below)), cut_(cut) {}

  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;

  void CutNextCommit() noexcept { armed_ = true; }

 private:
  Cut cut_;
  bool armed_ = false;
};

}  // namespace testing
}  // namespace offsetstore
