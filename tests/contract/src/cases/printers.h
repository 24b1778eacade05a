// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// How doctest shows our values in a failed check.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "offsetstore/testing/test_group.h"

namespace doctest {

inline String FromText(const std::string& text) {
  return {text.c_str()};
}

template <>
struct StringMaker<offsetstore::testing::Answer> {
  static String convert(const offsetstore::testing::Answer& answer) {
    return FromText(offsetstore::testing::Describe(answer));
  }
};

template <>
struct StringMaker<offsetstore::testing::ClaimResult> {
  static String convert(const offsetstore::testing::ClaimResult& result) {
    return FromText(offsetstore::testing::Describe(result.outcome));
  }
};

template <>
struct StringMaker<offsetstore::OutcomeCode> {
  static String convert(offsetstore::OutcomeCode code) {
    return FromText(std::string(offsetstore::ToString(code)));
  }
};

template <>
struct StringMaker<offsetstore::ErrorCode> {
  static String convert(offsetstore::ErrorCode code) {
    return FromText(std::string(offsetstore::ToString(code)));
  }
};

template <class T>
struct StringMaker<std::optional<T>> {
  static String convert(const std::optional<T>& value) {
    return value ? toString(*value) : String("none");
  }
};

template <>
struct StringMaker<offsetstore::TopicPartition> {
  static String convert(const offsetstore::TopicPartition& at) {
    return FromText(offsetstore::ToString(at));
  }
};

}  // namespace doctest
