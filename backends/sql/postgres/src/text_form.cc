// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "text_form.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "internal/characters.h"
#include "internal/macros.h"
#include "offsetstore/units.h"

namespace offsetstore::postgres {
namespace {

std::int64_t ToInteger(std::string_view bytes) {
  // Network byte order; the sign is in the first byte.
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::string ScalarText(Oid type, std::string_view binary) {
  switch (type) {
    case kBool:
      return ToInteger(binary) != 0 ? "t" : "f";
    case kInt4:
    case kInt8:
      return std::to_string(ToInteger(binary));
    case kBytea:
      return "\\x" + internal::Hex(binary);
    default:
      return std::string(binary);
  }
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// Reads what `ArrayBuilder` wrote.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view bytes) : rest_(bytes) {}

  std::int64_t Int4() { return ToInteger(Take(4)); }
  std::string_view Take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

std::string ArrayText(std::string_view binary) {
  ArrayReader reader(binary);
  const std::int64_t dimensions = reader.Int4();
  reader.Int4();
  const auto element = static_cast<Oid>(reader.Int4());
  if (dimensions == 0) return "{}";
  const std::int64_t count = reader.Int4();
  reader.Int4();
  std::string text = "{";
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    const std::int64_t length = reader.Int4();
    text += length < 0 ? "NULL"
                       : Quoted(ScalarText(element, reader.Take(static_cast<std::size_t>(length))));
  }
  return text + '}';
}

bool IsArray(Oid type) {
  return type == kBoolArray || type == kByteaArray || type == kInt4Array || type == kTextArray ||
         type == kInt8Array;
}

Error Unfit(std::string_view value, std::string_view expected) {
  return MakeError(ErrorCode::kInternal,
                   "the port gave '" + Printable(value.substr(0, 40)) + "' where " +
                       std::string(expected) + " was asked for; rows must be in text form");
}

std::string BigEndian(std::int64_t value) {
  std::string bytes(sizeof(value), '\0');
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = bytes.size(); i-- > 0; rest >>= 8U) {
    bytes[i] = static_cast<char>(rest & 0xffU);
  }
  return bytes;
}

Result<std::string> FromHex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = internal::kHexDigits.find(text[i]);
    const std::size_t low =
        i + 1 < text.size() ? internal::kHexDigits.find(text[i + 1]) : std::string_view::npos;
    if (std::max(high, low) == std::string_view::npos) return Unfit(text, "bytea");
    bytes += static_cast<char>(high << 4U | low);
  }
  return bytes;
}

Result<std::string> ToBinaryValue(Oid type, const std::string& text) {
  if (type == kText) return text;
  if (type == kBytea) {
    if (!text.starts_with("\\x")) return Unfit(text, "bytea (with bytea_output=hex)");
    return FromHex(std::string_view(text).substr(2));
  }
  // Our own parser takes no sign; a row that somebody edited may hold one.
  const bool negative = text.starts_with('-');
  const Result<std::int64_t> value = ParseInteger(std::string_view(text).substr(negative ? 1 : 0));
  if (!value) return Unfit(text, "a whole number");
  return BigEndian(negative ? -*value : *value);
}

Status SetRow(PGresult* result,
              int number,
              const std::vector<PostgresPort::Value>& row,
              const std::vector<Oid>& columns) {
  if (row.size() != columns.size()) {
    return Unfit(std::to_string(row.size()) + " columns", std::to_string(columns.size()));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string bytes;
    if (row[i]) {
      OS_ASSIGN_OR_RETURN(bytes, ToBinaryValue(columns[i], *row[i]));
    }
    const int length = row[i] ? static_cast<int>(bytes.size()) : -1;
    if (PQsetvalue(result, number, static_cast<int>(i), bytes.data(), length) == 0) {
      return MakeError(ErrorCode::kUnavailable, "out of memory");
    }
  }
  return {};
}

}  // namespace

std::string ToText(Oid type, std::string_view binary) {
  return IsArray(type) ? ArrayText(binary) : ScalarText(type, binary);
}

Result<PgResult> ToBinary(const PostgresPort::Rows& rows, const std::vector<Oid>& columns) {
  PgResult result(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
  std::vector<PGresAttDesc> descriptions;
  descriptions.reserve(columns.size());
  for (const Oid type : columns) descriptions.push_back({nullptr, 0, 0, 1, type, -1, -1});
  if (result == nullptr || (!columns.empty() && PQsetResultAttrs(result.get(),
                                                                 static_cast<int>(columns.size()),
                                                                 descriptions.data()) == 0)) {
    return MakeError(ErrorCode::kUnavailable, "out of memory");
  }
  if (columns.empty()) return result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    OS_RETURN_IF_ERROR(SetRow(result.get(), static_cast<int>(i), rows[i], columns));
  }
  return result;
}

}  // namespace offsetstore::postgres
