// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/test_group.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace offsetstore::testing {
namespace {

[[noreturn]] void Fail(std::string_view what, const std::string& why) {
  throw std::runtime_error(std::string(what) + ": " + why);
}

const TopicPartition& PlaceOf(const Outcome& outcome) {
  return outcome.at;
}
const TopicPartition& PlaceOf(const ClaimAnswer& answer) {
  return answer.outcome.at;
}

Outcome FailedAt(const TopicPartition& at, const Error& error) {
  Outcome outcome;
  outcome.at = at;
  outcome.error = error;
  return outcome;
}

/// The answers to `requests`, checked to be one for each, in order.
template <class Wrapped, class Raw, class Requests>
std::vector<Wrapped> Checked(Answers<Raw> answers, const Requests& requests) {
  std::vector<Wrapped> checked;
  checked.reserve(requests.size());
  if (!answers) {
    for (const auto& request : requests) {
      Wrapped failed{};
      if constexpr (std::is_same_v<Raw, ClaimAnswer>) {
        failed.outcome = FailedAt(request.at, answers.error());
      } else {
        static_cast<Outcome&>(failed) = FailedAt(request.at, answers.error());
      }
      checked.push_back(std::move(failed));
    }
    return checked;
  }
  if (answers->size() != requests.size()) {
    Fail("answers",
         std::to_string(answers->size()) + " for " + std::to_string(requests.size()) +
             " partitions");
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Raw& answer = (*answers)[i];
    if (PlaceOf(answer) != requests[i].at) {
      Fail("answers",
           "asked for " + ToString(requests[i].at) + ", told of " + ToString(PlaceOf(answer)));
    }
    checked.push_back(Wrapped{std::move(answer)});
  }
  return checked;
}

}  // namespace

std::string Describe(const Outcome& outcome) {
  std::string text(ToString(outcome.code));
  if (outcome.holder) {
    text += " by " + ToString(outcome.holder->owner) + " with counter " +
            std::to_string(outcome.holder->token.counter) +
            (outcome.holder->released ? ", released" : "");
  }
  if (outcome.conflict) text += " (" + outcome.conflict->advice + ')';
  if (outcome.error) text += ' ' + ToString(*outcome.error);
  return text;
}

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(60));
}

std::string Unique(std::string_view stem) {
  static const std::string process = Nonce::Random().Hex().substr(0, 8);
  static std::atomic<unsigned> count{0};
  return std::string(stem) + '-' + process + '-' + std::to_string(++count);
}

std::vector<TopicPartition> PartitionsOf(std::string_view topic, int count) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) partitions.push_back({std::string(topic), i});
  return partitions;
}

Owner Member(std::string_view name) {
  return ThisProcess(Owner::Kind::kMember, std::string(name));
}

Owner Operator(std::string_view name) {
  return ThisProcess(Owner::Kind::kOperator, std::string(name));
}

Move Advance(const TopicPartition& at,
             std::int64_t to,
             std::optional<ClaimToken> claim,
             std::optional<From> from) {
  Move move;
  move.at = at;
  move.to = Position(to);
  move.claim = claim;
  move.from = from;
  return move;
}

Move Rewind(const TopicPartition& at, std::int64_t to, const ClaimToken& claim) {
  Move move = Advance(at, to, claim);
  move.kind = Kind::kRewind;
  return move;
}

Move Set(const TopicPartition& at,
         std::int64_t to,
         const Expect& expect,
         std::optional<From> from) {
  Move move = Advance(at, to, {}, from);
  move.kind = Kind::kSet;
  move.expect = expect;
  return move;
}

std::vector<Move> AdvanceEach(std::span<const TopicPartition> partitions,
                              std::int64_t to,
                              std::optional<From> from) {
  std::vector<Move> moves;
  moves.reserve(partitions.size());
  for (const auto& at : partitions) moves.push_back(Advance(at, to, {}, from));
  return moves;
}

Move WithMetadata(Move move, std::string metadata) {
  move.metadata = std::move(metadata);
  return move;
}

ClaimRequest Request(const TopicPartition& at, const Expect& expect) {
  return {at, expect, Nonce::Random()};
}

Answer TestGroup::Commit(const Move& move, const Owner& by) const {
  return CommitAll(std::span(&move, 1), Atomicity::kEach, by).front();
}

std::vector<Answer> TestGroup::CommitAll(std::span<const Move> moves,
                                         Atomicity atomicity,
                                         const Owner& by) const {
  return Checked<Answer>(store_->Commit(name_, moves, by, atomicity, Soon()), moves);
}

ClaimResult TestGroup::Claim(const TopicPartition& at,
                             const Expect& expect,
                             const Owner& by) const {
  const ClaimRequest request = Request(at, expect);
  ClaimResult result = ClaimAll(std::span(&request, 1), by).front();
  if (result.outcome.Ok() && result.token.nonce != request.nonce) {
    Fail("claim", "another nonce than the request's came back");
  }
  return result;
}

std::vector<ClaimResult> TestGroup::ClaimAll(std::span<const ClaimRequest> requests,
                                             const Owner& by) const {
  return Checked<ClaimResult>(store_->Claim(name_, requests, by, Soon()), requests);
}

ClaimToken TestGroup::MustClaim(const TopicPartition& at, const Owner& by) const {
  const ClaimResult result = Claim(at, Any{}, by);
  if (!result.outcome.Ok()) Fail("claim", Describe(result.outcome));
  return result.token;
}

Answer TestGroup::Release(const TopicPartition& at, const ClaimToken& token) const {
  const Claimed claim{at, token};
  const std::span<const Claimed> claims(&claim, 1);
  return Checked<Answer>(store_->Release(name_, claims, Soon()), claims).front();
}

Answer TestGroup::Remove(const TopicPartition& at,
                         const Expect& expect,
                         std::optional<From> from,
                         const Owner& by) const {
  const Removal removal{at, expect, from};
  const std::span<const Removal> removals(&removal, 1);
  return Checked<Answer>(store_->Remove(name_, removals, by, Soon()), removals).front();
}

Read TestGroup::ReadOf(const TopicPartition& at) const {
  auto reads = store_->Fetch(name_, Selection{{at}, {}}, Soon());
  if (!reads) Fail("fetch", ToString(reads.error()));
  if (reads->size() != 1) Fail("fetch", std::to_string(reads->size()) + " answers for one");
  if (reads->front().at != at) Fail("fetch", "told of " + ToString(reads->front().at));
  return std::move(reads->front());
}

std::optional<std::int64_t> TestGroup::PositionOf(const TopicPartition& at) const {
  return PositionIn(ReadOf(at).slot);
}

Entry TestGroup::EntryOf(const TopicPartition& at) const {
  Read read = ReadOf(at);
  if (!PositionIn(read.slot)) Fail("fetch", ToString(at) + " is absent");
  return std::get<Entry>(std::move(read.slot));
}

std::optional<ClaimView> TestGroup::ClaimOf(const TopicPartition& at) const {
  return ReadOf(at).claim;
}

std::vector<Read> TestGroup::All() const {
  auto reads = store_->Fetch(name_, Selection{}, Soon());
  if (!reads) Fail("fetch", ToString(reads.error()));
  return *std::move(reads);
}

bool TestGroup::IsListed() const {
  const auto groups = ListedGroups(*store_, name_);
  return std::find(groups.begin(), groups.end(), name_) != groups.end();
}

std::vector<std::string> ListedGroups(OffsetStore& store,
                                      std::string_view prefix,
                                      std::size_t limit) {
  std::vector<std::string> all;
  PageRequest request{"", limit};
  for (bool last = false; !last;) {
    const auto page = store.ListGroups(request, Soon());
    if (!page) Fail("list groups", ToString(page.error()));
    if (page->groups.size() > limit) Fail("list groups", "the page is too long");
    if (!page->last && (page->groups.empty() || page->next.empty())) {
      Fail("list groups", "a page that is not the last leads nowhere");
    }
    if (!all.empty() && !page->groups.empty() && page->groups.front() <= all.back()) {
      Fail("list groups", "a page does not go on from the one before");
    }
    all.insert(all.end(), page->groups.begin(), page->groups.end());
    request.after = page->next;
    last = page->last;
  }
  std::erase_if(all, [&](const std::string& name) { return !name.starts_with(prefix); });
  return all;
}

std::optional<std::int64_t> PositionIn(const Slot& slot) {
  if (const Error* error = std::get_if<Error>(&slot)) Fail("unreadable", ToString(*error));
  if (const Entry* entry = std::get_if<Entry>(&slot)) return entry->position.value();
  return std::nullopt;
}

}  // namespace offsetstore::testing
