// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Histories made by hand: good ones pass, and each thing that a store can do wrong is found.
#include "history_check.h"

#include <doctest/doctest.h>

#include <string>

#include "story.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("a history in which everything is right has no violation") {
  CHECK(Begun()
            .Claim(3, 1, 1, At(1, 2))
            .Commit(4, 1, At(1, 2), At(2, 4))
            .FencedBy(2, 3)
            .Commit(5, 2, At(1, 2), At(2, 5))
            .Set(6, 2, At(2, 5), At(0, 6))
            .FreeCommit(7, At(0, 6), At(1, 7))
            .Claim(8, 3, 6, At(1, 7))
            .Release(9, 4)
            .Commit(10, 4, At(1, 7), At(2, 10))
            .FencedBy(4, 8, true)
            .Read(11, At(1, 7), 4, 8)
            .Verdict() == "");
}

TEST_CASE("what was in doubt may be applied or not, but then for all") {
  const Story doubt = Begun().Commit(3, 1, At(1, 2), At(2, 3)).But(Ending::kDoubt);
  CHECK(Story(doubt).Claim(4, 1, 1, At(2, 3)).Commit(5, 2, At(2, 3), At(3, 5)).Verdict() == "");
  CHECK(Story(doubt).Claim(4, 1, 1, At(1, 2)).Commit(5, 2, At(1, 2), At(3, 5)).Verdict() == "");
  CheckFound(Story(doubt)
                 .Claim(4, 1, 1, At(1, 2))
                 .Commit(5, 2, At(1, 2), At(3, 5))
                 .Read(6, At(2, 3), 2, 4),
             "a lost update");
}

TEST_CASE("a claim and a set in doubt are known by those who see them") {
  CHECK(Begun()
            .Claim(3, 1, 1, At(1, 2))
            .But(Ending::kDoubt)
            .Set(4, 2, At(1, 2), At(5, 4))
            .But(Ending::kDoubt)
            .Claim(5, 3, 4, At(5, 4))
            .Verdict() == "");
}

TEST_CASE("two owners of one counter are a fork") {
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).Claim(4, 1, 1, At(1, 2)), "a fork");
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).Set(4, 1, At(1, 2), At(2, 4)), "a fork");
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).Read(4, At(1, 2), 2, 1), "a fork");
}

TEST_CASE("a commit of an old claim after a newer one read is a fork") {
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).Commit(4, 1, At(1, 2), At(2, 4)),
             "claims in the wrong order");
  // Both at once, so that no clock tells.
  CheckFound(Begun()
                 .Claim(3, 1, 1, At(1, 2))
                 .Commit(4, 1, At(1, 2), At(2, 4))
                 .Since(2)
                 .Commit(5, 2, At(2, 4), At(3, 5)),
             "claims in the wrong order");
}

TEST_CASE("two writes that follow the same position are a lost update") {
  CheckFound(Begun()
                 .Claim(3, 1, 1, At(1, 2))
                 .Commit(4, 2, At(1, 2), At(2, 4))
                 .Commit(5, 1, At(1, 2), At(2, 5))
                 .Since(3),
             "a lost update");
  CheckFound(
      Begun().Release(3, 1).FreeCommit(4, At(1, 2), At(2, 4)).FreeCommit(5, At(1, 2), At(2, 5)),
      "a lost update");
}

TEST_CASE("a claim that is told an older position is a stale restore") {
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).Claim(4, 1, 1, At(1, 2)), "a stale position");
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).Claim(4, 1, 1, At(1, 2)).Since(1),
             "claims in the wrong order");
}

TEST_CASE("an acknowledged commit that is gone is found by whoever reads next") {
  CheckFound(Begun().Read(3, kAbsent, 1, 1), "a stale position");
  CheckFound(Begun().Read(3, At(1, 2), 0, 0), "claim 1 was acknowledged before");
}

TEST_CASE("a write that stands before one that had ended is found") {
  CheckFound(Story().FreeCommit(1, At(1, 2), At(2, 1)).FreeCommit(2, kAbsent, At(1, 2)),
             "had ended when it began");
}

TEST_CASE("what was refused or failed is never seen") {
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).But(Ending::kFailed).Claim(4, 1, 1, At(2, 3)),
             "failed is seen by");
  CheckFound(Begun().Claim(3, 1, 1, At(1, 2)).But(Ending::kFailed).Read(4, At(1, 2), 2, 3),
             "failed is seen by");
}

TEST_CASE("a position that nobody wrote, and a claim that nobody took, are found") {
  CheckFound(Begun().Read(3, At(2, 2), 1, 1), "nobody wrote");
  CheckFound(Begun().Read(3, At(1, 2), 2, 77), "nobody took");
  CheckFound(Begun().Commit(3, 1, At(9, 9), At(10, 3)), "nobody wrote");
}

TEST_CASE("the counter goes on from the claim before, and a condition on it holds") {
  Story jump = Begun().Claim(3, 1, 1, At(1, 2));
  jump.last().granted = 3;
  CheckFound(jump, "does not follow the claim before it");
  Story stolen = Begun().Claim(3, 1, 1, At(1, 2)).Claim(4, 2, 3, At(1, 2));
  stolen.last().counter = 1;
  CheckFound(stolen, "granted after another claim than it expected");
  Story again = Begun();
  again.Claim(3, 0, 0, At(1, 2));
  CheckFound(again, "a fork");
}

TEST_CASE("a polite claim takes only what was given back") {
  Story rude = Begun().Claim(3, 1, 1, At(1, 2));
  rude.last().act = Act::kPoliteClaim;
  CheckFound(rude, "took a claim that was held");
  Story polite = Begun().Release(3, 1).Claim(4, 1, 1, At(1, 2));
  polite.last().act = Act::kPoliteClaim;
  CHECK(polite.Verdict() == "");
}

TEST_CASE("a released claim writes no more, and a held one keeps others out") {
  CheckFound(Begun().Release(3, 1).Commit(4, 1, At(1, 2), At(2, 4)), "under a released claim");
  CheckFound(Begun().FreeCommit(3, At(1, 2), At(2, 3)).Commit(4, 1, At(2, 3), At(3, 4)),
             "without a claim while claim 1 was held");
}

TEST_CASE("nobody is refused without cause") {
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).FencedBy(1, 1), "without a newer claim");
  CheckFound(Begun().Commit(3, 1, At(1, 2), At(2, 3)).But(Ending::kRefused),
             "without a newer claim");
  Story conflict = Begun().Commit(3, 1, At(1, 2), At(2, 3)).But(Ending::kRefused);
  conflict.last().found = At(1, 2);
  CheckFound(conflict, "met a position that it did not know");
}

TEST_CASE("a history is read back as it was written, up to where a kill cut it") {
  Operation one;
  one.tag = 3'000'017;
  one.partition = 4;
  one.act = Act::kPoliteClaim;
  one.counter = 5;
  one.start = 1000;
  std::string lines = BeginLines({&one, 1});
  CHECK(ParseHistory(lines).at(0).end == Ending::kDoubt);
  one.end = Ending::kApplied;
  one.granted = 7;
  one.found = At(2, 9);
  one.seen = 6;
  one.seen_by = 2'000'001;
  one.seen_released = true;
  one.ended = 2000;
  lines += EndLines({&one, 1});
  const Operation read = ParseHistory(lines + "begin 3000018 4 com").at(0);
  CHECK(ToString(read) == ToString(one));
  CHECK(read.seen_released);
  CHECK(read.start == 1000);
  CHECK(read.ended == 2000);
  CHECK_THROWS(ParseHistory("end 1 1 applied 0 0 0 0 0 0\n"));
  CHECK_THROWS(ParseHistory("begin 1 1 dance 0 0 0 0\n"));
}

}  // namespace
}  // namespace offsetstore::testing
