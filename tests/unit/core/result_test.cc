// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/result.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "internal/macros.h"

namespace offsetstore {
namespace {

Result<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return MakeError(ErrorCode::kInvalidArgument, "odd");
  return std::make_unique<int>(number / 2);
}

Result<int> Quarter(int number) {
  OS_ASSIGN_OR_RETURN(const auto half, Half(number));
  OS_ASSIGN_OR_RETURN(auto quarter, Half(*half));
  return *quarter;
}

Status IsEven(int number) {
  OS_RETURN_IF_ERROR(Half(number));
  return {};
}

TEST_CASE("a result holds a value or an error") {
  const auto good = Half(8);
  REQUIRE(good);
  CHECK(**good == 4);
  const auto bad = Half(7);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().message == "odd");
}

TEST_CASE("a value that can only be moved comes out of a result") {
  auto half = *Half(8);
  CHECK(*half == 4);
}

TEST_CASE("an error stands in for a value only through value_or") {
  CHECK(Quarter(12).value_or(-1) == 3);
  CHECK(Quarter(6).value_or(-1) == -1);
}

TEST_CASE("the macros leave a function with the first error") {
  CHECK(IsEven(2));
  const Status odd = IsEven(3);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().code == ErrorCode::kInvalidArgument);
  CHECK(Quarter(6).error().message == "odd");
}

}  // namespace
}  // namespace offsetstore
