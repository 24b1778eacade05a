// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "history_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "answer_notes.h"

namespace offsetstore::testing {
namespace {

constexpr Duration kBound{2000};
constexpr int kSettleAttempts = 20;

Owner Named(Tag tag, Owner::Kind kind = Owner::Kind::kMember) {
  return ThisProcess(kind, std::to_string(tag));
}

From FromOf(std::int64_t position) {
  if (position == kAbsent) return Absent{};
  return Position(position);
}

}  // namespace

HistoryFile::HistoryFile(const char* path)
    : fd_(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
}

HistoryFile::~HistoryFile() {
  ::close(fd_);
}

void HistoryFile::Append(const std::string& lines) {
  if (::write(fd_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    throw std::system_error(errno, std::generic_category(), "history");
  }
}

HistoryWriter::HistoryWriter(OffsetStore& store, Role role, HistoryFile& file)
    : store_(store), role_(std::move(role)), file_(file), random_(role_.seed) {}

void HistoryWriter::Step() {
  if (Chance(85)) return held_.empty() ? ClaimSome() : CommitHeld();
  if (Chance(25)) return ReleaseHeld();
  if (Chance(35)) return MoveAsOperator(AnyPartition());
  if (Chance(40)) return CommitLost();
  ClaimSome();
}

bool HistoryWriter::Chance(int percent) {
  return static_cast<int>(random_() % 100) < percent;
}

TopicPartition HistoryWriter::At(int partition) const {
  return {"orders", partition};
}

int HistoryWriter::AnyPartition() {
  return static_cast<int>(random_() % static_cast<unsigned>(role_.partitions));
}

std::vector<int> HistoryWriter::SomePartitions() {
  std::vector<int> some;
  for (int i = 0; i < 3; ++i) {
    const int partition = AnyPartition();
    if (!held_.contains(partition)) some.push_back(partition);
  }
  std::sort(some.begin(), some.end());
  some.erase(std::unique(some.begin(), some.end()), some.end());
  return some;
}

std::vector<int> HistoryWriter::SomeHeld() {
  std::vector<int> some;
  for (const auto& [partition, held] : held_) {
    if (Chance(60)) some.push_back(partition);
  }
  return some;
}

std::int64_t HistoryWriter::NewPosition(std::int64_t from, Tag tag, bool back) {
  const std::int64_t base = from < 0 ? 0 : from / kTags;
  const auto step = static_cast<std::int64_t>(1 + random_() % 5);
  return (back ? std::max<std::int64_t>(base - step, 0) : base + step) * kTags + tag;
}

Tag HistoryWriter::NextTag() {
  return role_.number * kCallsOfProcess + ++calls_;
}

Operation& HistoryWriter::Add(Call& call, Act act, int partition) const {
  Operation& one = call.operations.emplace_back();
  one.tag = call.tag;
  one.partition = partition;
  one.act = act;
  return one;
}

void HistoryWriter::Begin(Call& call) {
  for (Operation& one : call.operations) one.start = HistoryClock();
  file_.Append(BeginLines(call.operations));
}

template <class Answer>
void HistoryWriter::End(const Answers<Answer>& answers, Call& call) {
  NoteAll(answers, call.operations);
  file_.Append(EndLines(call.operations));
}

void HistoryWriter::Commit(Call& call,
                           std::span<const Move> moves,
                           const Owner& by,
                           Atomicity atomicity) {
  Begin(call);
  End(store_.Commit(role_.group, moves, by, atomicity, Deadline::After(kBound)), call);
}

Answers<ClaimAnswer> HistoryWriter::Claim(Call& call, std::span<const ClaimRequest> requests) {
  Begin(call);
  auto answers = store_.Claim(role_.group, requests, Named(call.tag), Deadline::After(kBound));
  End(answers, call);
  return answers;
}

void HistoryWriter::CommitHeld() {
  Call call{NextTag(), {}};
  std::vector<Move> moves;
  for (const int partition : SomeHeld()) {
    const Held& held = held_.at(partition);
    const bool back = Chance(10);
    Operation& one = Add(call, Act::kCommit, partition);
    one.counter = held.token.counter;
    one.from = held.position;
    one.to = NewPosition(held.position, call.tag, back);
    Move& move = moves.emplace_back();
    move.at = At(partition);
    move.to = Position(one.to);
    move.kind = back ? Kind::kRewind : Kind::kAdvance;
    move.claim = held.token;
    if (Chance(50)) move.from = FromOf(held.position);
  }
  Commit(call, moves, Named(call.tag), Chance(20) ? Atomicity::kAll : Atomicity::kEach);
  for (const Operation& one : call.operations) {
    Held& held = held_.at(one.partition);
    if (one.end == Ending::kApplied) held.position = one.to;
    if (one.end == Ending::kDoubt) Settle(one.partition, held.token);
    if (one.end == Ending::kRefused) {
      lost_[one.partition] = held;
      held_.erase(one.partition);
    }
  }
}

void HistoryWriter::CommitLost() {
  if (lost_.empty()) return;
  const auto lost = std::next(lost_.begin(), static_cast<std::ptrdiff_t>(random_() % lost_.size()));
  Call call{NextTag(), {}};
  Operation& one = Add(call, Act::kCommit, lost->first);
  one.counter = lost->second.token.counter;
  one.from = lost->second.position;
  one.to = NewPosition(one.from, call.tag, false);
  Move move;
  move.at = At(lost->first);
  move.to = Position(one.to);
  move.claim = lost->second.token;
  Commit(call, {&move, 1}, Named(call.tag));
}

void HistoryWriter::ReleaseHeld() {
  Call call{NextTag(), {}};
  std::vector<Claimed> claims;
  for (const int partition : SomeHeld()) {
    const ClaimToken& token = held_.at(partition).token;
    Add(call, Act::kRelease, partition).counter = token.counter;
    claims.push_back({At(partition), token});
  }
  Begin(call);
  End(store_.Release(role_.group, claims, Deadline::After(kBound)), call);
  for (const Operation& one : call.operations) {
    if (one.end == Ending::kFailed) continue;
    lost_[one.partition] = held_.at(one.partition);
    held_.erase(one.partition);
    // Most likely still free.
    if (Chance(40)) MoveAsOperator(one.partition);
  }
}

void HistoryWriter::ClaimSome() {
  const bool polite = Chance(70);
  const Act act = polite ? Act::kPoliteClaim : Act::kClaim;
  std::vector<ClaimRequest> requests;
  for (const int partition : SomePartitions()) {
    const Expect expect = polite ? Expect(Nobody{}) : Expect(Any{});
    requests.push_back({At(partition), expect, Nonce::Random()});
  }
  Call call{NextTag(), {}};
  for (const ClaimRequest& request : requests) Add(call, act, request.at.partition);
  const auto answers = Claim(call, requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Operation& one = call.operations[i];
    if (one.granted == 0 || one.found == kUntold) continue;
    held_[one.partition] = {answers->at(i).token, one.found};
  }
}

void HistoryWriter::Settle(int partition, ClaimToken mine) {
  const Held before = held_.at(partition);
  held_.erase(partition);
  std::vector<Tag> own;
  for (int attempt = 0; attempt < kSettleAttempts; ++attempt) {
    Call call{NextTag(), {}};
    own.push_back(call.tag);
    Add(call, Act::kClaim, partition).counter = mine.counter;
    const ClaimRequest request{At(partition), mine, Nonce::Random()};
    const auto answers = Claim(call, {&request, 1});
    const Operation& one = call.operations.front();
    if (one.end == Ending::kApplied) held_[partition] = {answers->front().token, one.found};
    // Fenced from now on. Where no attempt is answered the commit may still be under way: nothing
    // more is written under this claim.
    if (one.end == Ending::kApplied || one.end == Ending::kRefused) lost_[partition] = before;
    if (one.end == Ending::kApplied) return;
    if (one.end != Ending::kRefused) continue;
    // An attempt before this one, whose answer was lost.
    if (std::find(own.begin(), own.end(), one.seen_by) == own.end()) return;
    mine = answers->front().outcome.holder->token;
  }
}

void HistoryWriter::MoveAsOperator(int partition) {
  Call call{NextTag(), {}};
  Add(call, Act::kRead, partition);
  Begin(call);
  const auto answers = store_.Fetch(role_.group, {{At(partition)}, {}}, Deadline::After(kBound));
  End(answers, call);
  const Operation& read = call.operations.front();
  if (read.end != Ending::kApplied || read.found == kUntold) return;
  if (read.seen == 0 || (read.seen_released && Chance(50))) return CommitFree(read);
  const ClaimToken& seen = answers->front().claim->token;
  Chance(30) ? Remove(read, seen) : Set(read, seen);
}

void HistoryWriter::CommitFree(const Operation& read) {
  Call call{NextTag(), {}};
  Operation& one = Add(call, Act::kFreeCommit, read.partition);
  one.from = read.found;
  one.to = NewPosition(read.found, call.tag, false);
  Move move;
  move.at = At(read.partition);
  move.to = Position(one.to);
  move.from = FromOf(read.found);
  Commit(call, {&move, 1}, Named(call.tag));
}

void HistoryWriter::Set(const Operation& read, const ClaimToken& seen) {
  Call call{NextTag(), {}};
  Operation& one = Add(call, Act::kSet, read.partition);
  one.counter = seen.counter;
  one.from = read.found;
  one.to = NewPosition(read.found, call.tag, Chance(50));
  Move move;
  move.at = At(read.partition);
  move.to = Position(one.to);
  move.kind = Kind::kSet;
  move.expect = seen;
  move.from = FromOf(read.found);
  Commit(call, {&move, 1}, Named(call.tag, Owner::Kind::kOperator));
}

void HistoryWriter::Remove(const Operation& read, const ClaimToken& seen) {
  Call call{NextTag(), {}};
  Operation& one = Add(call, Act::kRemove, read.partition);
  one.counter = seen.counter;
  one.from = read.found;
  one.to = Tombstone(call.tag);
  const Removal removal{At(read.partition), seen, FromOf(read.found)};
  const Owner by = Named(call.tag, Owner::Kind::kOperator);
  Begin(call);
  End(store_.Remove(role_.group, {&removal, 1}, by, Deadline::After(kBound)), call);
}

}  // namespace offsetstore::testing
