// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The contract of docs/contract.md as test cases for a store of yours. In a test file, at global
// scope:
//
//     #include "offsetstore/testing/store_contract.h"
//     struct MyFixture { ... };        // see StoreFixture in offsetstore/testing/subject.h
//     OFFSETSTORE_CONTRACT(MyFixture);
//
// Link with offsetstore::contract, which holds what the cases do, and with a doctest main(). The
// cases register themselves in your file, since a linker drops test cases from a static library.
#pragma once

#include <doctest/doctest.h>

#include "offsetstore/testing/child_process.h"
#include "offsetstore/testing/contract_cases.h"
#include "offsetstore/testing/subject.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace testing {

#define OFFSETSTORE_CONTRACT_DECLARE_CASE(Fixture, function, sentence) \
  void function(Subject& subject);

namespace cases {
OFFSETSTORE_CONTRACT_CASES(OFFSETSTORE_CONTRACT_DECLARE_CASE, none)
}  // namespace cases

template <StoreFixture Fixture>
void RunCase(void (*function)(Subject&)) {
  FixtureStorage<Fixture> storage;
  Subject subject(storage);
  function(subject);
}

#define OFFSETSTORE_CONTRACT_DEFINE_CASE(none, function, sentence) \
  TEST_CASE_TEMPLATE_DEFINE(sentence, Fixture, function) {         \
    RunCase<Fixture>(&cases::function);                            \
  }

OFFSETSTORE_CONTRACT_CASES(OFFSETSTORE_CONTRACT_DEFINE_CASE, none)

// Not a rule: what another process of the suite runs. Skipped unless it is asked for.
TEST_CASE_TEMPLATE_DEFINE("contract child process" * doctest::skip(), Fixture, ContractChild) {
  REQUIRE_MESSAGE(IsChild(), "runs only as the child of another case");
  ServeAsChild(&Fixture::Register);
}

}  // namespace testing
}  // namespace offsetstore

#define OFFSETSTORE_CONTRACT_STAMP_CASE(Fixture, function, sentence) \
  TEST_CASE_TEMPLATE_INVOKE(function, Fixture);

/// Stamps every case on a fixture. Once for each fixture, at global scope.
#define OFFSETSTORE_CONTRACT(Fixture)                                    \
  TYPE_TO_STRING_AS(Fixture::kName, Fixture);                            \
  namespace offsetstore::testing {                                       \
  OFFSETSTORE_CONTRACT_CASES(OFFSETSTORE_CONTRACT_STAMP_CASE, ::Fixture) \
  TEST_CASE_TEMPLATE_INVOKE(ContractChild, ::Fixture);                   \
  }                                                                      \
  static_assert(::offsetstore::testing::StoreFixture<Fixture>)
