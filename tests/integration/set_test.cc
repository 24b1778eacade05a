// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "operator_set.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("G08 an operator's set moves an idle static consumer") {
  const TempDir dir;
  CheckSetIdle(Way::kStatic, FileUri(dir));
}

TEST_CASE("G08 an operator's set moves an idle eager group without a rebalance") {
  const TempDir dir;
  CheckSetIdle(Way::kEager, SqliteUri(dir));
}

TEST_CASE("G08 an operator's set moves an idle cooperative group without a rebalance") {
  const TempDir dir;
  CheckSetIdle(Way::kCooperative, FileUri(dir));
}

TEST_CASE("G08 an operator's set moves a busy static consumer") {
  const TempDir dir;
  CheckSetBusy(Way::kStatic, SqliteUri(dir));
}

TEST_CASE("G08 an operator's set moves a busy eager group without a rebalance") {
  const TempDir dir;
  CheckSetBusy(Way::kEager, FileUri(dir));
}

TEST_CASE("G08 an operator's set moves a busy cooperative group without a rebalance") {
  const TempDir dir;
  CheckSetBusy(Way::kCooperative, SqliteUri(dir));
}

}  // namespace
}  // namespace offsetstore::testing
