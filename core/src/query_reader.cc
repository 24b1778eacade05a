// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "offsetstore/units.h"
#include "offsetstore/uri.h"

namespace offsetstore {
namespace {

template <class Texts>
std::string Join(const Texts& texts) {
  std::string joined;
  for (const auto& text : texts) {
    if (!joined.empty()) joined += ", ";
    joined += text;
  }
  return joined;
}

}  // namespace

QueryReader::QueryReader(const Uri& uri) : left_(uri.query) {}

std::string QueryReader::String(std::string_view key, std::string_view fallback) {
  const std::string* value = Take(key);
  return value != nullptr ? *value : std::string(fallback);
}

std::string QueryReader::Choice(std::string_view key,
                                std::span<const std::string_view> allowed,
                                std::string_view fallback) {
  const std::string* value = Take(key);
  if (value == nullptr) return std::string(fallback);
  if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
    Fail(key, *value, "is not one of " + Join(allowed));
  }
  return *value;
}

bool QueryReader::Bool(std::string_view key, bool fallback) {
  const std::string* value = Take(key);
  if (value == nullptr) return fallback;
  if (*value != "true" && *value != "false") Fail(key, *value, "is neither true nor false");
  return *value == "true";
}

std::int64_t QueryReader::Integer(std::string_view key,
                                  std::int64_t fallback,
                                  std::int64_t min,
                                  std::int64_t max) {
  const std::string* value = Take(key);
  if (value == nullptr) return fallback;
  const auto number = ParseInteger(*value);
  if (number && *number >= min && *number <= max) return *number;
  Fail(key,
       *value,
       "is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

offsetstore::Duration QueryReader::Duration(std::string_view key, offsetstore::Duration fallback) {
  const std::string* value = Take(key);
  if (value == nullptr) return fallback;
  const auto duration = ParseDuration(*value);
  if (duration) return *duration;
  Fail(key, *value, "is not a duration with a unit, as in 500ms, 5s, 2m or 1h");
  return fallback;
}

std::size_t QueryReader::Size(std::string_view key, std::size_t fallback) {
  const std::string* value = Take(key);
  if (value == nullptr) return fallback;
  const auto size = ParseSize(*value);
  if (size) return *size;
  Fail(key, *value, "is not a size with a unit, as in 512B, 64KiB or 1MiB");
  return fallback;
}

Status QueryReader::Finish() {
  if (first_error_) return *first_error_;
  const auto unknown = std::find_if(left_.begin(), left_.end(), [this](const auto& pair) {
    return std::find(known_.begin(), known_.end(), pair.first) == known_.end();
  });
  if (unknown == left_.end()) return {};
  std::string message = "unknown key '" + Printable(unknown->first) + '\'';
  const std::string_view nearest = Nearest(unknown->first, known_);
  if (!nearest.empty()) message += "; did you mean '" + std::string(nearest) + "'?";
  message += known_.empty() ? " (it knows none)" : " (known: " + Join(known_) + ')';
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

const std::string* QueryReader::Take(std::string_view key) {
  known_.emplace_back(key);
  const auto found = left_.find(key);
  return found == left_.end() ? nullptr : &found->second;
}

void QueryReader::Fail(std::string_view key, std::string_view value, std::string_view expected) {
  if (first_error_) return;
  const std::string shown = IsSecretKey(key) ? "***" : Printable(Redacted(value));
  first_error_ = MakeError(ErrorCode::kConfigInvalid,
                           std::string(key) + "=" + shown + ' ' + std::string(expected));
}

}  // namespace offsetstore
