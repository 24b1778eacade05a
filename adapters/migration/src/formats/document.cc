// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/document.h"

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

/// Deeper than any of these formats; a file of brackets alone must not fill the memory.
constexpr std::size_t kDeepest = 64;

}  // namespace

Status Document::Read() {
  const bool whole = Json::sax_parse(SourceIterator(source_), SourceIterator(), this);
  OS_RETURN_IF_ERROR(source_.Check());
  if (!whole && status_) return source_.Bad("it cannot be parsed");
  return status_;
}

Error Document::NotExpected(const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, what + " does not belong there");
}

bool Document::Go(const Status& status) {
  if (!status) status_ = source_.Bad(status.error());
  return status.has_value();
}

bool Document::null() {
  return Go(NotExpected("null"));
}

bool Document::boolean(bool value) {
  return Go(NotExpected(value ? "true" : "false"));
}

bool Document::number_integer(number_integer_t value) {
  return Go(OnNumber(value));
}

bool Document::number_unsigned(number_unsigned_t value) {
  if (value <= static_cast<number_unsigned_t>(Position::kMax)) {
    return Go(OnNumber(static_cast<std::int64_t>(value)));
  }
  return Go(MakeError(ErrorCode::kInvalidArgument,
                      std::to_string(value) + " is too large: it does not fit 64 bits"));
}

bool Document::number_float(number_float_t /*value*/, const string_t& text) {
  return Go(MakeError(ErrorCode::kInvalidArgument,
                      "'" + text + "' is no whole number that fits 64 bits"));
}

bool Document::string(string_t& value) {
  return Go(OnText(value));
}

bool Document::binary(binary_t& /*value*/) {
  return Go(NotExpected("binary data"));
}

bool Document::start_object(std::size_t /*elements*/) {
  return Begin(false);
}

bool Document::key(string_t& value) {
  levels_.back().key = value;
  return true;
}

bool Document::end_object() {
  return End();
}

bool Document::start_array(std::size_t /*elements*/) {
  return Begin(true);
}

bool Document::end_array() {
  return End();
}

bool Document::parse_error(std::size_t /*position*/,
                           const std::string& /*token*/,
                           const nlohmann::detail::exception& error) {
  return Go(MakeError(ErrorCode::kInvalidArgument,
                      std::string("is not JSON, or was cut: ") + error.what()));
}

bool Document::Begin(bool is_list) {
  if (levels_.size() == kDeepest) return Go(NotExpected("so deep a nesting"));
  levels_.push_back({is_list, ""});
  return Go(OnBegin());
}

bool Document::End() {
  if (!Go(OnEnd())) return false;
  levels_.pop_back();
  if (!levels_.empty() && !levels_.back().is_list) levels_.back().key.clear();
  return true;
}

}  // namespace offsetstore::migration
