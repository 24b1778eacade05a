// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "poll_loop.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("the statistics tell whether the group is in the middle of a rebalance") {
  const std::string before = R"({"name":"x","brokers":{},"topics":{"cgrp":{"join_state":"odd"}}, )";
  CHECK(IsRebalancing(before + R"("cgrp": { "state": "up", "join_state": "steady" } })") == false);
  CHECK(IsRebalancing(before + R"("cgrp":{"state":"up","join_state":"wait-sync"}})") == true);
}

TEST_CASE("statistics without a group, or cut off, tell nothing") {
  CHECK(IsRebalancing("") == std::nullopt);
  CHECK(IsRebalancing(R"({"name":"x"})") == std::nullopt);
  CHECK(IsRebalancing(R"({"cgrp": {"state": "up")") == std::nullopt);
  CHECK(IsRebalancing(R"({"cgrp": {"join_state)") == std::nullopt);
  CHECK(IsRebalancing(R"({"cgrp": {"join_state")") == std::nullopt);
}

}  // namespace
}  // namespace offsetstore::testing
