// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "history_check.h"

namespace offsetstore::testing {

/// A position of the call `tag`.
constexpr std::int64_t At(std::int64_t step, Tag tag) {
  return step * kTags + tag;
}

/// Calls one after the other on partition 0, each taking one tick of the clock.
class Story {
 public:
  /// Granted after `seen` of the call `seen_by`, with the position `found`.
  Story& Claim(Tag tag, std::uint64_t seen, Tag seen_by, std::int64_t found) {
    Operation& one = Add(tag, Act::kClaim);
    one.granted = seen + 1;
    one.found = found;
    one.seen = seen;
    one.seen_by = seen_by;
    return *this;
  }
  Story& Commit(Tag tag, std::uint64_t counter, std::int64_t from, std::int64_t to) {
    return Write(tag, Act::kCommit, counter, from, to);
  }
  Story& FreeCommit(Tag tag, std::int64_t from, std::int64_t to) {
    return Write(tag, Act::kFreeCommit, 0, from, to);
  }
  Story& Set(Tag tag, std::uint64_t counter, std::int64_t from, std::int64_t to) {
    return Write(tag, Act::kSet, counter, from, to);
  }
  Story& Remove(Tag tag, std::uint64_t counter, std::int64_t from) {
    return Write(tag, Act::kRemove, counter, from, Tombstone(tag));
  }
  Story& Release(Tag tag, std::uint64_t counter) {
    Add(tag, Act::kRelease).counter = counter;
    return *this;
  }
  Story& Read(Tag tag, std::int64_t found, std::uint64_t seen, Tag seen_by) {
    Operation& one = Add(tag, Act::kRead);
    one.found = found;
    one.seen = seen;
    one.seen_by = seen_by;
    return *this;
  }
  /// What became of the last call instead of `applied`.
  Story& But(Ending end) {
    last().end = end;
    if (end == Ending::kDoubt) last().ended = kNever;
    return *this;
  }
  /// The last call was refused by that claim.
  Story& FencedBy(std::uint64_t seen, Tag seen_by, bool released = false) {
    last().seen = seen;
    last().seen_by = seen_by;
    last().seen_released = released;
    return But(Ending::kRefused);
  }
  /// The last call began `ticks` earlier.
  Story& Since(int ticks) {
    last().start -= 2 * ticks;
    return *this;
  }
  [[nodiscard]] Operation& last() { return operations_.back(); }

  /// All that is wrong.
  [[nodiscard]] std::string Verdict() const {
    std::string text;
    for (const std::string& violation : Violations(operations_)) text += violation + '\n';
    return text;
  }

 private:
  Operation& Add(Tag tag, Act act) {
    Operation& one = operations_.emplace_back();
    one.tag = tag;
    one.act = act;
    one.end = Ending::kApplied;
    one.start = ++clock_;
    one.ended = ++clock_;
    return one;
  }
  Story& Write(Tag tag, Act act, std::uint64_t counter, std::int64_t from, std::int64_t to) {
    Operation& one = Add(tag, act);
    one.counter = counter;
    one.from = from;
    one.to = to;
    return *this;
  }
  std::vector<Operation> operations_;
  std::int64_t clock_ = 0;
};

/// Claim 1 by call 1, and one commit by call 2.
inline Story Begun() {
  return Story().Claim(1, 0, 0, kAbsent).Commit(2, 1, kAbsent, At(1, 2));
}

/// That `part` stands in what is wrong.
inline void CheckFound(const Story& story, const std::string& part) {
  CHECK_MESSAGE(story.Verdict().find(part) != std::string::npos, "said: " << story.Verdict());
}

}  // namespace offsetstore::testing
