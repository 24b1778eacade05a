// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

/// An outcome that compares with what a case expects and prints why it is not that. An error of
/// the whole call counts as the failure of each partition that the call named.
struct Answer : Outcome {
  friend bool operator==(const Answer& a, OutcomeCode code) { return a.code == code; }
  friend bool operator==(const Answer& a, ErrorCode code) {
    return a.code == OutcomeCode::kFailed && a.error && a.error->code == code;
  }
};

struct ClaimResult : ClaimAnswer {
  friend bool operator==(const ClaimResult& a, OutcomeCode code) { return a.outcome.code == code; }
  friend bool operator==(const ClaimResult& a, ErrorCode code) { return Answer{a.outcome} == code; }
};

/// `applied`, `fenced by ...`, `failed InDoubt: ...`.
[[nodiscard]] std::string Describe(const Outcome& outcome);

/// Far enough away for a busy machine under a sanitizer: nothing that works comes near it.
[[nodiscard]] Deadline Soon();

/// `stem-` and what no other call of any process returns: letters, digits and `-` only.
[[nodiscard]] std::string Unique(std::string_view stem);

/// `topic[0]` to `topic[count-1]`.
[[nodiscard]] std::vector<TopicPartition> PartitionsOf(std::string_view topic, int count);

[[nodiscard]] Owner Member(std::string_view name = "member-1");
[[nodiscard]] Owner Operator(std::string_view name = "operator-1");

[[nodiscard]] Move Advance(const TopicPartition& at,
                           std::int64_t to,
                           std::optional<ClaimToken> claim = {},
                           std::optional<From> from = {});
[[nodiscard]] Move Rewind(const TopicPartition& at, std::int64_t to, const ClaimToken& claim);
[[nodiscard]] Move Set(const TopicPartition& at,
                       std::int64_t to,
                       const Expect& expect = Any{},
                       std::optional<From> from = {});
/// The same advance for each of them.
[[nodiscard]] std::vector<Move> AdvanceEach(std::span<const TopicPartition> partitions,
                                            std::int64_t to,
                                            std::optional<From> from = {});
/// The same with metadata.
[[nodiscard]] Move WithMetadata(Move move, std::string metadata);
[[nodiscard]] ClaimRequest Request(const TopicPartition& at, const Expect& expect = Any{});

/// One group of one store. Calls have a deadline that nothing meets unless it hangs; each checks
/// that the store answered for exactly the partitions it was asked about, in that order, and
/// throws where it did not. Threads: as the store.
class TestGroup {
 public:
  TestGroup(OffsetStore& store, std::string name) : store_(&store), name_(std::move(name)) {}

  [[nodiscard]] OffsetStore& store() const noexcept { return *store_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The same group seen through another store.
  [[nodiscard]] TestGroup In(OffsetStore& store) const { return {store, name_}; }

  Answer Commit(const Move& move, const Owner& by = Member()) const;
  [[nodiscard]] std::vector<Answer> CommitAll(std::span<const Move> moves,
                                              Atomicity atomicity = Atomicity::kEach,
                                              const Owner& by = Member()) const;
  [[nodiscard]] ClaimResult Claim(const TopicPartition& at,
                                  const Expect& expect = Any{},
                                  const Owner& by = Member()) const;
  [[nodiscard]] std::vector<ClaimResult> ClaimAll(std::span<const ClaimRequest> requests,
                                                  const Owner& by = Member()) const;
  /// Throws where the claim is not granted.
  [[nodiscard]] ClaimToken MustClaim(const TopicPartition& at, const Owner& by = Member()) const;
  Answer Release(const TopicPartition& at, const ClaimToken& token) const;
  Answer Remove(const TopicPartition& at,
                const Expect& expect = Any{},
                std::optional<From> from = {},
                const Owner& by = Operator()) const;

  [[nodiscard]] Read ReadOf(const TopicPartition& at) const;
  /// Throws where the partition cannot be read. None: absent.
  [[nodiscard]] std::optional<std::int64_t> PositionOf(const TopicPartition& at) const;
  /// Throws where it is absent or cannot be read.
  [[nodiscard]] Entry EntryOf(const TopicPartition& at) const;
  [[nodiscard]] std::optional<ClaimView> ClaimOf(const TopicPartition& at) const;
  /// All of the group. Throws where the call fails as a whole.
  [[nodiscard]] std::vector<Read> All() const;
  [[nodiscard]] bool IsListed() const;

 private:
  OffsetStore* store_;
  std::string name_;
};

/// Every group with that prefix, page by page. Throws where a page fails, is longer than `limit`
/// or does not go on from the one before.
[[nodiscard]] std::vector<std::string> ListedGroups(OffsetStore& store,
                                                    std::string_view prefix,
                                                    std::size_t limit = 1000);

/// The position of a slot; none: absent. Throws for an error.
[[nodiscard]] std::optional<std::int64_t> PositionIn(const Slot& slot);

}  // namespace testing
}  // namespace offsetstore
