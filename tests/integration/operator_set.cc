// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "operator_set.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

namespace offsetstore::testing {

Config Assigned(Way way, Config config, const Topic& topic) {
  if (way == Way::kEager) return Grouped(std::move(config), topic, "range");
  if (way == Way::kCooperative) return Grouped(std::move(config), topic, "cooperative-sticky");
  config["assign"] = topic.name() + ":0-1";
  return config;
}

void CheckSetIdle(Way way, const std::string& uri) {
  Topic topic(2);
  topic.Fill(kRecords);
  const std::string group = UniqueGroup();
  Member member(Assigned(way, Basic(group, uri), topic));
  REQUIRE_MESSAGE(member.WaitForCount(2 * kRecords), member.events().Text());
  REQUIRE(member.WaitForEnd());
  const auto store = OpenBeside(uri);
  const Outcome set = OperatorSet(*store, group, topic.At(1), 40);
  REQUIRE(set.Ok());
  REQUIRE_MESSAGE(member.WaitForCount(3 * kRecords - 40), member.events().Text());
  std::vector<std::int64_t> expected = Sequence(0, kRecords);
  const std::vector<std::int64_t> again = Sequence(40, kRecords);
  expected.insert(expected.end(), again.begin(), again.end());
  CHECK(member.Handled()[topic.At(1)] == expected);
  CHECK(member.Handled()[topic.At(0)] == Sequence(0, kRecords));
  CHECK(member.events().Wait(EventKind::kMoved));
  CHECK(member.events().Count(EventKind::kAssigned) == 2);
  CHECK(member.events().Count(EventKind::kRejoin) == 0);
  REQUIRE(member.WaitForEnd());
  REQUIRE(member.Stop());
  CHECK(Stored(*store, group, topic.At(1)) == kRecords);
}

void CheckSetBusy(Way way, const std::string& uri) {
  constexpr int kMany = 20'000;
  constexpr int kTo = 15'000;
  Topic topic(2);
  topic.Fill(kMany);
  const std::string group = UniqueGroup();
  Config config = Assigned(way, Basic(group, uri), topic);
  config["offsetstore.max.uncommitted"] = "256";
  config["offsetstore.commit.records"] = "64";
  std::atomic<bool> slow = true;
  Member member(config, [&](Record& record) -> Status {
    // Holds the first thousand back until the operator came.
    if (record.partition() == 1 && record.offset() == 1000 &&
        !Eventually([&] { return !slow.load(); })) {
      return MakeError(ErrorCode::kInternal, "late");
    }
    return {};
  });
  REQUIRE(Eventually([&] { return member.Handled()[topic.At(1)].size() == 1000; }));
  const auto store = OpenBeside(uri);
  REQUIRE(OperatorSet(*store, group, topic.At(1), kTo).Ok());
  REQUIRE_MESSAGE(member.events().Wait(EventKind::kMoved), member.events().Text());
  slow = false;
  const auto last = [&] {
    const auto handled = member.Handled();
    return handled.contains(topic.At(1)) && handled.at(topic.At(1)).back() == kMany - 1 &&
           handled.contains(topic.At(0)) && handled.at(topic.At(0)).back() == kMany - 1;
  };
  REQUIRE_MESSAGE(Eventually(last, std::chrono::seconds(60)), member.events().Text());
  const std::vector<std::int64_t> offsets = member.Handled()[topic.At(1)];
  const auto from = std::ranges::find(offsets, kTo);
  CHECK(std::vector<std::int64_t>(from, offsets.end()) == Sequence(kTo, kMany));
  // Only the record that was in work when the operator came is handled besides.
  CHECK(std::vector<std::int64_t>(offsets.begin(), from) == Sequence(0, 1001));
  CHECK(member.Handled()[topic.At(0)] == Sequence(0, kMany));
  CHECK(member.events().Count(EventKind::kAssigned) == 2);
  REQUIRE(member.Stop());
  CHECK(Stored(*store, group, topic.At(1)) == kMany);
}

}  // namespace offsetstore::testing
