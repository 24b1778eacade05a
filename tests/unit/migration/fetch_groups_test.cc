// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/fetch_groups.h"

#include <algorithm>

#include "estate.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("several groups are read side by side, answered in order, and one failure is its own") {
  Estate estate;
  std::vector<std::string> groups;
  for (int i = 0; i < 50; ++i) {
    groups.push_back("g" + std::to_string(i));
    Estate::Set(estate.source, groups.back(), kOrders0, i);
  }
  estate.source.Script(FaultStore::Op::kFetch, FailCall(ErrorCode::kUnavailable));
  const auto answers =
      mig::FetchGroups(estate.source, groups, {}, 8, Duration(std::chrono::seconds(10)));
  REQUIRE(answers.size() == groups.size());
  CHECK(std::count_if(answers.begin(), answers.end(), [](const auto& one) { return !one; }) == 1);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    REQUIRE(answers[i]->size() == 1);
    CHECK(std::get<Entry>(answers[i]->front().slot).position.value() ==
          static_cast<std::int64_t>(i));
  }
}

}  // namespace
}  // namespace offsetstore::testing
