// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "check_options.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore::postgres {
namespace {

constexpr std::size_t kLongestSchema = 63;
constexpr std::size_t kLongestStem = 40;  // `_positions_pkey` must still fit an identifier's 63

bool IsIdentifierChar(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Also quoted where it is used; a strict pattern leaves nothing to quote.
Status CheckIdentifier(std::string_view key, std::string_view name, std::size_t longest) {
  const bool fine = !name.empty() && name.size() <= longest &&
                    !(name.front() >= '0' && name.front() <= '9') &&
                    std::all_of(name.begin(), name.end(), IsIdentifierChar);
  if (fine) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   std::string(key) + "=" + Printable(name) + " must be 1 to " +
                       std::to_string(longest) +
                       " of the characters a-z, 0-9 and _, and not start with a digit");
}

Status CheckSpace(std::string_view space) {
  if (internal::IsUtf8(space) && space.find('\0') == std::string_view::npos &&
      space.size() <= kLongestSpace) {
    return {};
  }
  return MakeError(ErrorCode::kConfigInvalid,
                   "space '" + Printable(space) +
                       "' must be valid UTF-8 without the byte 0, of at "
                       "most " +
                       std::to_string(kLongestSpace) + " bytes");
}

}  // namespace

Status CheckOptions(const PostgresOptions& options) {
  OS_RETURN_IF_ERROR(CheckIdentifier("schema", options.schema, kLongestSchema));
  OS_RETURN_IF_ERROR(CheckIdentifier("table", options.table, kLongestStem));
  OS_RETURN_IF_ERROR(CheckSpace(options.space));
  if (options.pool < 1 || options.pool > 100) {
    return MakeError(ErrorCode::kConfigInvalid, "pool must be 1 to 100 connections");
  }
  return {};
}

}  // namespace offsetstore::postgres
