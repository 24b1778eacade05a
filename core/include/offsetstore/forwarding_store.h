// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Hands every call to the store below. The only place that forwards: a layer derives from it and
/// overrides what it changes.
class ForwardingStore : public OffsetStore {
 public:
  explicit ForwardingStore(std::unique_ptr<OffsetStore> below) : below_(std::move(below)) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return below_->Info(); }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    return below_->ListGroups(page, deadline);
  }
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    return below_->Fetch(group, selection, deadline);
  }
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override {
    return below_->Claim(group, requests, by, deadline);
  }
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    return below_->Commit(group, moves, by, atomicity, deadline);
  }
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override {
    return below_->Release(group, claims, deadline);
  }
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override {
    return below_->Remove(group, removals, by, deadline);
  }
  [[nodiscard]] Status Close(Deadline deadline) override { return below_->Close(deadline); }

 protected:
  [[nodiscard]] OffsetStore& below() noexcept { return *below_; }
  [[nodiscard]] const OffsetStore& below() const noexcept { return *below_; }

 private:
  std::unique_ptr<OffsetStore> below_;
};

}  // namespace offsetstore
