// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include <utility>

namespace offsetstore::postgres {
namespace {

/// Network byte order.
template <class Unsigned>
void AppendBigEndian(std::string& to, Unsigned value) {
  for (std::size_t i = sizeof(value); i-- > 0;) {
    to += static_cast<char>((value >> (8U * i)) & 0xffU);
  }
}

void AppendLength(std::string& to, std::size_t length) {
  AppendBigEndian(to, static_cast<std::uint32_t>(length));
}

constexpr std::uint32_t kNullLength = 0xffffffff;

}  // namespace

ArrayBuilder::ArrayBuilder(Oid element, std::size_t count) {
  constexpr std::uint32_t kDimensions = 1;
  constexpr std::uint32_t kMayHoldNulls = 1;
  constexpr std::uint32_t kLowerBound = 1;
  AppendBigEndian(bytes_, count == 0 ? std::uint32_t{0} : kDimensions);
  AppendBigEndian(bytes_, kMayHoldNulls);
  AppendBigEndian(bytes_, static_cast<std::uint32_t>(element));
  if (count == 0) return;
  AppendLength(bytes_, count);
  AppendBigEndian(bytes_, kLowerBound);
}

void ArrayBuilder::Null() {
  AppendBigEndian(bytes_, kNullLength);
}

void ArrayBuilder::Bool(bool value) {
  AppendLength(bytes_, 1);
  bytes_ += static_cast<char>(value ? 1 : 0);
}

void ArrayBuilder::Int4(std::int32_t value) {
  AppendLength(bytes_, sizeof(value));
  AppendBigEndian(bytes_, static_cast<std::uint32_t>(value));
}

void ArrayBuilder::Int8(std::int64_t value) {
  AppendLength(bytes_, sizeof(value));
  AppendBigEndian(bytes_, static_cast<std::uint64_t>(value));
}

void ArrayBuilder::Bytes(std::string_view value) {
  AppendLength(bytes_, value.size());
  bytes_ += value;
}

Parameters& Parameters::Text(std::string_view value) {
  values_.emplace_back(value);
  return *this;
}

Parameters& Parameters::Int4(std::int32_t value) {
  AppendBigEndian(values_.emplace_back(), static_cast<std::uint32_t>(value));
  return *this;
}

Parameters& Parameters::Int8(std::int64_t value) {
  AppendBigEndian(values_.emplace_back(), static_cast<std::uint64_t>(value));
  return *this;
}

Parameters& Parameters::Array(ArrayBuilder array) {
  values_.push_back(std::move(array).Take());
  return *this;
}

std::size_t Parameters::bytes() const noexcept {
  std::size_t sum = 0;
  for (const std::string& value : values_) sum += value.size();
  return sum;
}

Parameters::View Parameters::ToView() const {
  constexpr int kBinary = 1;
  View view;
  for (const std::string& value : values_) {
    view.values.push_back(value.data());
    view.lengths.push_back(static_cast<int>(value.size()));
    view.formats.push_back(kBinary);
  }
  return view;
}

}  // namespace offsetstore::postgres
