// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Histories made by hand, with removals.
#include "story.h"

namespace offsetstore::testing {
namespace {

/// And removed by call 3.
Story Removed() {
  return Begun().Remove(3, 1, At(1, 2));
}

TEST_CASE("a removal fences, shows nothing, and all goes on behind it") {
  CHECK(Removed()
            .Commit(4, 1, At(1, 2), At(2, 4))
            .FencedBy(2, 3, true)
            .Read(5, kAbsent, 0, 0)
            .Claim(6, 2, 3, kAbsent)
            .Read(7, kAbsent, 3, 6)
            .Commit(8, 3, kAbsent, At(1, 8))
            .Set(9, 3, At(1, 8), At(5, 9))
            .Remove(10, 4, At(5, 9))
            .Set(11, 5, kAbsent, At(1, 11))
            .Read(12, At(1, 11), 6, 11)
            .Verdict() == "");
  // Of a claim alone.
  CHECK(Story().Claim(1, 0, 0, kAbsent).Remove(2, 1, kAbsent).Claim(3, 2, 2, kAbsent).Verdict() ==
        "");
}

TEST_CASE("a commit without a claim stands behind the removal that it followed") {
  CHECK(Removed()
            .FreeCommit(4, kAbsent, At(1, 4))
            .Read(5, At(1, 4), 2, 3)
            .FreeCommit(6, At(1, 4), At(2, 6))
            .Remove(7, 2, At(2, 6))
            .FreeCommit(8, kAbsent, At(1, 8))
            .Claim(9, 3, 7, At(1, 8))
            .Verdict() == "");
}

TEST_CASE("a removal that found nothing is a read") {
  Story nothing = Removed().Remove(4, 1, At(1, 2)).But(Ending::kRefused);
  nothing.last().found = kAbsent;
  CHECK(nothing.Verdict() == "");
  Story something = Begun().Remove(4, 1, At(1, 2)).But(Ending::kRefused);
  something.last().found = kAbsent;
  CheckFound(something, "a stale position");
}

TEST_CASE("a removal in doubt took effect or not, but then for all") {
  const Story doubt = Begun().Remove(3, 1, At(1, 2)).But(Ending::kDoubt);
  CHECK(Story(doubt).Read(4, At(1, 2), 1, 1).Commit(5, 1, At(1, 2), At(2, 5)).Verdict() == "");
  CHECK(Story(doubt).Read(4, kAbsent, 0, 0).Verdict() == "");
  CHECK(Story(doubt).Claim(4, 2, 3, kAbsent).Commit(5, 3, kAbsent, At(1, 5)).Verdict() == "");
  // The claim behind it is in doubt too: nobody tells who was before.
  Story unseen = Story(doubt).Claim(4, 2, 3, kAbsent).But(Ending::kDoubt);
  unseen.last().granted = unseen.last().seen = 0;
  unseen.last().seen_by = 0;
  unseen.last().found = kUntold;
  CHECK(unseen.Read(5, kAbsent, 3, 4).Set(6, 3, kAbsent, At(1, 6)).Verdict() == "");
  CheckFound(Story(doubt).Read(4, kAbsent, 0, 0).Claim(5, 1, 1, At(1, 2)), "a stale position");
  CheckFound(Story(doubt).Read(4, At(1, 2), 2, 3).Claim(5, 2, 3, At(1, 2)),
             "claims in the wrong order");
}

TEST_CASE("a position that survives an acknowledged removal is found") {
  CheckFound(Removed().Read(4, At(1, 2), 1, 1), "a stale position");
  CheckFound(Removed().Read(4, At(1, 2), 2, 3), "a stale position");
  CheckFound(Removed().Claim(4, 2, 3, At(1, 2)), "a stale position");
  CheckFound(Removed().Claim(4, 2, 3, At(1, 2)).Since(1), "claims in the wrong order");
  CheckFound(Removed().FreeCommit(4, At(1, 2), At(2, 4)), "a lost update");
  // The one before the last.
  CheckFound(Removed()
                 .Claim(4, 2, 3, kAbsent)
                 .Commit(5, 3, kAbsent, At(1, 5))
                 .Remove(6, 3, At(1, 5))
                 .Read(7, At(1, 5), 3, 4),
             "a stale position");
}

TEST_CASE("a commit under a claim that a removal fenced is found") {
  CheckFound(Removed().Commit(4, 1, At(1, 2), At(2, 4)), "a lost update");
  // At the same time.
  CheckFound(Removed().Commit(4, 1, At(1, 2), At(2, 4)).Since(2), "a lost update");
  // What the removal left is a fine place to go on from, but not for that claim.
  CheckFound(Story().Claim(1, 0, 0, kAbsent).Remove(2, 1, kAbsent).Commit(3, 1, kAbsent, At(1, 3)),
             "a lost update");
}

TEST_CASE("a removal of what it did not see is found") {
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).Remove(4, 1, At(1, 2)), "a lost update");
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).Remove(4, 1, At(1, 2)), "a fork");
  CheckFound(Removed().Remove(4, 1, At(1, 2)), "a fork");
}

TEST_CASE("what is gone without a removal is found, also where one was before") {
  CheckFound(
      Removed().Claim(4, 2, 3, kAbsent).Commit(5, 3, kAbsent, At(1, 5)).Read(6, kAbsent, 0, 0),
      "claim 3 was acknowledged before");
  CheckFound(Removed().FreeCommit(4, kAbsent, At(1, 4)).Read(5, kAbsent, 0, 0), "a stale position");
  CheckFound(Removed().FreeCommit(4, kAbsent, At(1, 4)).FreeCommit(5, kAbsent, At(1, 5)),
             "a lost update");
  CheckFound(Begun().Remove(3, 1, At(1, 2)).But(Ending::kFailed).Read(4, kAbsent, 0, 0),
             "a stale position");
}

TEST_CASE("a removal takes a counter, which never starts again") {
  CheckFound(Removed().Claim(4, 0, 0, kAbsent), "a fork");
  CheckFound(Removed().Claim(4, 1, 1, kAbsent), "a fork");
  CheckFound(Removed().Commit(4, 1, At(1, 2), At(2, 4)).FencedBy(0, 0), "without a newer claim");
}

}  // namespace
}  // namespace offsetstore::testing
