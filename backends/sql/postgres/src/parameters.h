// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offsetstore::postgres {

/// Object ids of the types that we pass; fixed in every PostgreSQL.
enum : Oid {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt4 = 23,
  kText = 25,
  kBoolArray = 1000,
  kByteaArray = 1001,
  kInt4Array = 1007,
  kTextArray = 1009,
  kInt8Array = 1016,
};

/// A one-dimensional array in PostgreSQL's binary form, element by element.
class ArrayBuilder {
 public:
  /// `element`: the type of its elements, not of the array.
  ArrayBuilder(Oid element, std::size_t count);

  void Null();
  void Bool(bool value);
  void Int4(std::int32_t value);
  void Int8(std::int64_t value);
  void Bytes(std::string_view value);

  void BytesOrNull(std::string_view value) { value.empty() ? Null() : Bytes(value); }
  void Int4OrNull(const std::optional<std::int32_t>& value) { value ? Int4(*value) : Null(); }
  void Int8OrNull(const std::optional<std::int64_t>& value) { value ? Int8(*value) : Null(); }

  [[nodiscard]] std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// The values of a statement's parameters, in binary form.
class Parameters {
 public:
  Parameters& Text(std::string_view value);
  Parameters& Int4(std::int32_t value);
  Parameters& Int8(std::int64_t value);
  Parameters& Array(ArrayBuilder array);

  [[nodiscard]] int count() const noexcept { return static_cast<int>(values_.size()); }
  [[nodiscard]] std::size_t bytes() const noexcept;

  /// What libpq takes; the pointers are valid while this lives and does not change.
  struct View {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
  };
  [[nodiscard]] View ToView() const;

 private:
  std::vector<std::string> values_;
};

}  // namespace offsetstore::postgres
