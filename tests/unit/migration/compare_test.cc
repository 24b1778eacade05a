// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/compare.h"

#include "fault_store.h"
#include "formats_support.h"

namespace offsetstore::testing {
namespace {

using Texts = std::vector<std::string>;

struct Outcome2 {
  Texts lines;
  mig::Differences found;
};

Outcome2 Compare(OffsetStore& a, OffsetStore& b, const mig::CompareOptions& options = {}) {
  Outcome2 outcome;
  const auto found = mig::Compare(a, b, options, [&](const mig::ComparedPartition& compared) {
    std::string line = compared.group;
    if (compared.other_group != compared.group) line += "=" + compared.other_group;
    line += " " + compared.at.topic;
    if (compared.other_at.topic != compared.at.topic) line += "=" + compared.other_at.topic;
    line += "[" + std::to_string(compared.at.partition) + "] ";
    line += ToString(compared.standing);
    if (compared.by > 0) line += " by " + std::to_string(compared.by);
    outcome.lines.push_back(line);
    return Status();
  });
  REQUIRE_MESSAGE(found, found.error().message);
  outcome.found = *found;
  return outcome;
}

}  // namespace

TEST_CASE("each partition stands as it does, whichever side has it") {
  const auto a = NewMemory();
  const auto b = NewMemory();
  Put(*a, "both", {"t", 0}, 5);
  Put(*b, "both", {"t", 0}, 5, "other metadata");
  Put(*a, "both", {"t", 1}, 9);
  Put(*b, "both", {"t", 1}, 2);
  Put(*a, "both", {"t", 10}, 0);
  Put(*b, "both", {"t", 10}, 9223372036854775807);
  Put(*a, "both", {"u", 0}, 0);
  Put(*b, "both", {"v", 0}, 0);
  Put(*a, "in a", {"t", 0}, 1);
  Put(*b, "in b", {"t", 0}, 1);
  const Outcome2 outcome = Compare(*a, *b);
  CHECK(outcome.lines == Texts{"both t[0] equal",
                               "both t[1] a ahead by 7",
                               "both t[10] b ahead by 9223372036854775807",
                               "both u[0] only in a",
                               "both v[0] only in b",
                               "in a t[0] only in a",
                               "in b t[0] only in b"});
  CHECK(outcome.found.equal == 1);
  CHECK(outcome.found.a_ahead == 1);
  CHECK(outcome.found.b_ahead == 1);
  CHECK(outcome.found.only_a == 2);
  CHECK(outcome.found.only_b == 2);
  CHECK(outcome.found.Differing() == 6);
}

TEST_CASE("equal stores, empty stores and claims without a position show no difference") {
  const auto a = NewMemory();
  const auto b = NewMemory();
  CHECK(Compare(*a, *b).lines.empty());
  Put(*a, "g", {"t", 0}, 5);
  Put(*b, "g", {"t", 0}, 5);
  const std::vector<ClaimRequest> claims = {{{"t", 7}, Any{}, Nonce::Random()}};
  REQUIRE(a->Claim("g", claims, ThisProcess(Owner::Kind::kMember), Soon()));
  const Outcome2 outcome = Compare(*a, *b);
  CHECK(outcome.lines == Texts{"g t[0] equal"});
  CHECK(outcome.found.Differing() == 0);
}

TEST_CASE("what cannot be read is neither equal nor different") {
  FaultStore a(NewMemory());
  const auto b = NewMemory();
  Put(a, "g", {"t", 0}, 5);
  Put(a, "g", {"t", 1}, 5);
  Put(*b, "g", {"t", 0}, 5);
  Put(*b, "g", {"t", 1}, 5);
  a.Script(FaultStore::Op::kFetch, FailPartitions(ErrorCode::kCorrupt, {{"t", 0}}));
  const Outcome2 outcome = Compare(a, *b);
  CHECK(outcome.lines == Texts{"g t[0] unreadable", "g t[1] equal"});
  CHECK(outcome.found.unreadable == 1);
  CHECK(outcome.found.Differing() == 0);
  // A group as a whole stops no other.
  Put(a, "h", {"t", 0}, 5);
  a.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  CHECK(Compare(a, *b).lines == Texts{"g [-1] unreadable", "h t[0] only in a"});
}

TEST_CASE("renamed groups and topics are compared with what they are called in the other store") {
  const auto a = NewMemory();
  const auto b = NewMemory();
  Put(*a, "old", {"orders", 0}, 5);
  Put(*b, "new", {"orders-v2", 0}, 3);
  Put(*b, "old", {"orders-v2", 0}, 1);  // nobody's in A: its `old` is `new` here
  Put(*b, "gone-new", {"orders-v2", 0}, 4);
  Put(*b, "new", {"orders", 0}, 9);  // hidden behind the renamed topic
  mig::CompareOptions options;
  options.group_names = {{"old", "new"}, {"gone", "gone-new"}};
  options.topic_names = {{"orders", "orders-v2"}};
  CHECK(Compare(*a, *b, options).lines == Texts{"old=new orders=orders-v2[0] a ahead by 2",
                                                "gone=gone-new orders=orders-v2[0] only in b"});
  options.group_names = {{"x", "same"}, {"y", "same"}};
  const auto twice =
      mig::Compare(*a, *b, options, [](const mig::ComparedPartition&) { return Status(); });
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("only chosen groups and topics are compared") {
  const auto a = NewMemory();
  const auto b = NewMemory();
  Put(*a, "pay", {"t", 0}, 1);
  Put(*a, "pay", {"u", 0}, 1);
  Put(*a, "bill", {"t", 0}, 1);
  Put(*b, "pay-b", {"t", 0}, 1);
  Put(*b, "bill-b", {"t", 0}, 1);
  mig::CompareOptions options;
  options.groups = *mig::Filter::Make(Texts{"pay.*"}, {});
  options.topics = *mig::Filter::Make(Texts{"t"}, {});
  const Outcome2 outcome = Compare(*a, *b, options);
  CHECK(outcome.lines == Texts{"pay t[0] only in a", "pay-b t[0] only in b"});
  CHECK(outcome.found.a_groups.matched == 1);
}

TEST_CASE("groups of several pages on both sides meet") {
  const auto a = NewMemory();
  const auto b = NewMemory();
  for (int i = 0; i < 2500; ++i) {
    const std::string group = "g" + std::to_string(10000 + i);
    if (i % 3 != 0) Put(*a, group, {"t", 0}, i);
    if (i % 5 != 0) Put(*b, group, {"t", 0}, i);
  }
  const mig::Differences found = Compare(*a, *b).found;
  CHECK(found.only_a == 333);  // of 2500: by 5 and not by 3
  CHECK(found.only_b == 667);  // by 3 and not by 5
  CHECK(found.equal == 1333);
}

}  // namespace offsetstore::testing
