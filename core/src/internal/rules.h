// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules of docs/contract.md as pure functions over one partition's record. Every store that
// can look at a record and write it in one atomic step decides here; stores whose server decides
// (a conditional UPDATE, a script) explain a refusal here.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "offsetstore/store.h"
#include "offsetstore/types.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// All that a store keeps for one partition.
struct Record {
  std::optional<Entry> entry;
  std::optional<ClaimView> claim;
  bool removed = false;  ///< A tombstone: `claim` keeps the counter, reads show nothing.

  friend bool operator==(const Record&, const Record&) = default;
};

using RecordMap = std::map<TopicPartition, Record>;

/// What one request does: its outcome, and the record to store where that changes anything.
struct Decision {
  Outcome outcome;
  std::optional<Record> next;
};

/// What a batch does: an outcome per request, and the records to store, in the order of requests.
struct BatchDecision {
  std::vector<Outcome> outcomes;
  std::vector<std::pair<TopicPartition, Record>> changes;
};

/// The record of a partition of which nothing is stored.
[[nodiscard]] const Record& NoRecord() noexcept;
[[nodiscard]] const Record& Lookup(const RecordMap& records, const TopicPartition& at);

/// Whether reads show anything of it (a position or a claim).
[[nodiscard]] bool IsVisible(const Record& record) noexcept;
[[nodiscard]] Read ToRead(TopicPartition at, Record record);

/// Answers a fetch from records at hand.
[[nodiscard]] std::vector<Read> Select(const RecordMap& records, const Selection& selection);

[[nodiscard]] bool Matches(const Expect& expect, const Record& record) noexcept;
[[nodiscard]] bool Matches(const From& from, const Record& record) noexcept;

[[nodiscard]] Decision DecideClaim(const Record& record,
                                   const ClaimRequest& request,
                                   const Owner& by);
[[nodiscard]] Decision DecideMove(const Record& record, const Move& move, const Owner& by);
[[nodiscard]] Decision DecideRelease(const Record& record, const Claimed& claim);
[[nodiscard]] Decision DecideRemoval(const Record& record, const Removal& removal, const Owner& by);

/// `DecideMove` over a batch, with `atomicity` applied: under `kAll` one refusal turns every fine
/// partition into `kNotApplied` and leaves no changes.
[[nodiscard]] BatchDecision DecideMoves(const RecordMap& records,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity);

/// Turns every fine outcome into `kNotApplied` if any is not; returns whether all were fine.
bool RefuseUnlessAll(std::vector<Outcome>& outcomes);

/// The answer to a claim from its decision and the record it was decided on.
[[nodiscard]] ClaimAnswer ToClaimAnswer(Decision decision, const Record& before);

/// Outcomes in one expression.
[[nodiscard]] Outcome Applied(TopicPartition at);
[[nodiscard]] Outcome AlreadyApplied(TopicPartition at);
[[nodiscard]] Outcome Fenced(TopicPartition at, std::optional<ClaimView> holder);
[[nodiscard]] Outcome Failed(TopicPartition at, Error error);

/// `Entry::writer` for what `by` writes: `member payments-1 (host db3, pid 4242)`.
[[nodiscard]] std::string Signature(const Owner& by);

}  // namespace internal
}  // namespace offsetstore
