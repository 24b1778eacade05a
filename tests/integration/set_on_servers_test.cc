// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "operator_set.h"
#include "store_uri.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("G08 an operator's set moves an idle eager group without a rebalance: postgres") {
  CheckSetIdle(Way::kEager, FreshUri("postgres", SharedServer("postgres")));
}

TEST_CASE("G08 an operator's set moves a busy cooperative group without a rebalance: postgres") {
  CheckSetBusy(Way::kCooperative, FreshUri("postgres", SharedServer("postgres")));
}

TEST_CASE("G08 an operator's set moves an idle eager group without a rebalance: redis") {
  CheckSetIdle(Way::kEager, FreshUri("redis", SharedServer("redis")));
}

TEST_CASE("G08 an operator's set moves a busy cooperative group without a rebalance: redis") {
  CheckSetBusy(Way::kCooperative, FreshUri("redis", SharedServer("redis")));
}

TEST_CASE("G08 an operator's set moves an idle eager group without a rebalance: zookeeper") {
  CheckSetIdle(Way::kEager, FreshUri("zookeeper", SharedServer("zookeeper")));
}

TEST_CASE("G08 an operator's set moves a busy cooperative group without a rebalance: zookeeper") {
  CheckSetBusy(Way::kCooperative, FreshUri("zookeeper", SharedServer("zookeeper")));
}

}  // namespace
}  // namespace offsetstore::testing
