// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Positions that are missing: start policies, retention, takeovers.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "operator_set.h"
#include "rig.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("latest is resolved once: a crash before the first commit skips nothing") {
  const TempDir dir;
  Topic topic(2);
  topic.Fill(kRecords);
  Config config = Assigned(Way::kStatic, Basic(UniqueGroup(), FileUri(dir)), topic);
  config["offsetstore.start"] = "latest";
  {
    // Ends without a commit: nothing was read.
    Member first(config);
    REQUIRE(first.events().Wait(EventKind::kRestored));
    REQUIRE(Eventually([&] { return first.Active() == 2; }));
    REQUIRE(first.Stop());
    CHECK(first.Count() == 0);
  }
  topic.Fill(kRecords);
  Member second(config);
  REQUIRE_MESSAGE(second.WaitForCount(2 * kRecords), second.events().Text());
  for (int i = 0; i < 2; ++i)
    CHECK(second.Handled()[topic.At(i)] == Sequence(kRecords, 2 * kRecords));
}

TEST_CASE("two members that start at once resolve latest once") {
  const TempDir dir;
  Topic topic(2);
  topic.Fill(kRecords);
  Config config = Assigned(Way::kCooperative, Basic(UniqueGroup(), SqliteUri(dir)), topic);
  config["offsetstore.start"] = "latest";
  Member first(config);
  Member second(config);
  REQUIRE(Eventually([&] { return first.Active() == 1 && second.Active() == 1; }));
  topic.Fill(kRecords);
  REQUIRE(Eventually([&] { return first.Count() + second.Count() >= 2 * kRecords; }));
  Member::Offsets all = first.Handled();
  all.merge(second.Handled());
  for (int i = 0; i < 2; ++i) CHECK(all[topic.At(i)] == Sequence(kRecords, 2 * kRecords));
}

TEST_CASE("the start policy fail ends Run") {
  const TempDir dir;
  const Topic topic(2);
  Config config = Assigned(Way::kStatic, Basic(UniqueGroup(), FileUri(dir)), topic);
  config["offsetstore.start"] = "fail";
  Member member(config);
  const auto ended = member.Ended();
  REQUIRE(ended);
  CHECK_FALSE(*ended);
}

TEST_CASE("a group begins where Kafka has it, for the first start with a new store") {
  const TempDir dir;
  Topic topic(2);
  topic.Fill(kRecords);
  const std::string group = UniqueGroup();
  {
    Member before(Assigned(Way::kStatic, Basic(group, "kafka:"), topic));
    REQUIRE(before.WaitForCount(2 * kRecords));
    REQUIRE(before.Stop());
  }
  topic.Fill(kRecords);
  Config config = Assigned(Way::kStatic, Basic(group, FileUri(dir)), topic);
  config["offsetstore.start"] = "committed";
  Member member(config);
  REQUIRE(member.WaitForCount(2 * kRecords));
  for (int i = 0; i < 2; ++i)
    CHECK(member.Handled()[topic.At(i)] == Sequence(kRecords, 2 * kRecords));
}

/// Positions at 10 of 100, then the first 50 records of partition 1 vanish.
struct Vanished {
  Vanished() : topic(2) {
    topic.Fill(kRecords);
    config = Assigned(Way::kStatic, Basic(UniqueGroup(), FileUri(dir)), topic);
    const auto store = OpenBeside(FileUri(dir));
    for (int i = 0; i < 2; ++i) {
      REQUIRE(OperatorSet(*store, config["group.id"], topic.At(i), 10).Ok());
    }
    topic.DeleteBefore(topic.At(1), 50);
  }
  TempDir dir;
  Topic topic;
  Config config;
};

TEST_CASE("a position that retention passed ends Run, with how many records are missing") {
  Vanished vanished;
  Member member(vanished.config);
  const auto ended = member.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().code == ErrorCode::kOutOfRange);
  CHECK_MESSAGE(ended->error().message.find("40") != std::string::npos, ToString(ended->error()));
  CHECK(member.Handled()[vanished.topic.At(1)].empty());
}

TEST_CASE("out of range goes on at the first record where that is asked for") {
  Vanished vanished;
  vanished.config["offsetstore.out.of.range"] = "earliest";
  Member member(vanished.config);
  REQUIRE_MESSAGE(member.WaitForCount(90 + 50), member.events().Text());
  CHECK(member.Handled()[vanished.topic.At(0)] == Sequence(10, kRecords));
  CHECK(member.Handled()[vanished.topic.At(1)] == Sequence(50, kRecords));
  const auto event = member.events().Wait(EventKind::kOutOfRange);
  REQUIRE(event);
  CHECK(event->at == vanished.topic.At(1));
  REQUIRE(member.Stop());
}

/// Retention passes the position while the consumer is held up. One fetch is one batch of records.
void CheckVanishWhileRunning(const std::string& policy, Way way) {
  const TempDir dir;
  Topic topic(2);
  for (int batch = 0; batch < 4; ++batch) topic.Fill(50);
  Config config = Assigned(way, Basic(UniqueGroup(), FileUri(dir)), topic);
  config["offsetstore.out.of.range"] = policy;
  config["offsetstore.max.uncommitted"] = "64";
  config["queued.min.messages"] = "1";
  config["fetch.message.max.bytes"] = "1";
  std::atomic<bool> go_on = false;
  Member member(config, [&](Record&) -> Status {
    if (!Eventually([&] { return go_on.load(); })) return MakeError(ErrorCode::kInternal, "late");
    return {};
  });
  REQUIRE(member.events().Wait(EventKind::kFull));
  topic.DeleteBefore(topic.At(0), 190);
  topic.DeleteBefore(topic.At(1), 190);
  go_on = true;
  if (policy == "fail") {
    const auto ended = member.Ended();
    REQUIRE(ended);
    REQUIRE_FALSE(*ended);
    CHECK_MESSAGE(ended->error().code == ErrorCode::kOutOfRange, ToString(ended->error()));
    return;
  }
  const auto last = [&] {
    const auto handled = member.Handled();
    return std::ranges::all_of(std::array{0, 1}, [&](int i) {
      const auto found = handled.find(topic.At(i));
      return found != handled.end() && found->second.back() == 199;
    });
  };
  REQUIRE_MESSAGE(Eventually(last), member.events().Text());
  CHECK(member.events().Wait(EventKind::kOutOfRange));
  REQUIRE(member.Stop());
}

TEST_CASE("a position that leaves the log while it is read ends Run") {
  CheckVanishWhileRunning("fail", Way::kStatic);
}
TEST_CASE("a position that leaves the log while it is read goes on, static") {
  CheckVanishWhileRunning("earliest", Way::kStatic);
}
TEST_CASE("a position that leaves the log while it is read goes on, eager") {
  CheckVanishWhileRunning("earliest", Way::kEager);
}

TEST_CASE("a second static consumer is refused while the first lives, and may take over") {
  const TempDir dir;
  Topic topic(2);
  topic.Fill(kRecords);
  Config config = Assigned(Way::kStatic, Basic(UniqueGroup(), FileUri(dir)), topic);
  config["offsetstore.owner"] = "one";
  Member first(config);
  REQUIRE(first.WaitForCount(2 * kRecords));
  config["offsetstore.owner"] = "two";
  {
    Member second(config);
    const auto ended = second.Ended();
    REQUIRE(ended);
    REQUIRE_FALSE(*ended);
    CHECK_MESSAGE(ended->error().message.find("one") != std::string::npos,
                  ToString(ended->error()));
  }
  config["offsetstore.takeover"] = "true";
  Member third(config);
  REQUIRE_MESSAGE(Eventually([&] { return third.Active() == 2; }), third.events().Text());
  const auto ended = first.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().code == ErrorCode::kFenced);
  CHECK_MESSAGE(ended->error().message.find("two") != std::string::npos, ToString(ended->error()));
}

}  // namespace
}  // namespace offsetstore::testing
