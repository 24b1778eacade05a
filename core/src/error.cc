// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/error.h"

#include "internal/characters.h"
#include "internal/utf8.h"

namespace offsetstore {
namespace {

Retry AdviceFor(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return Retry::kSafe;
    case ErrorCode::kInDoubt:
      return Retry::kAfterNewClaim;
    default:
      return Retry::kNever;
  }
}

// C0, DEL, C1, and the two Unicode line ends: whatever could start a new line or drive a terminal.
bool IsControl(std::string_view character) noexcept {
  const auto byte = [character](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  return character == "\u2028" || character == "\u2029";
}

void AppendEscaped(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += internal::kHexDigits[byte >> 4U];
    out += internal::kHexDigits[byte & 15U];
  }
}

}  // namespace

Error& Error::With(std::string key, std::string value) {
  context.emplace_back(std::move(key), std::move(value));
  return *this;
}

Error MakeError(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.retry = AdviceFor(code);
  error.message = std::move(message);
  return error;
}

std::string_view ToString(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgument";
    case ErrorCode::kConfigInvalid:
      return "ConfigInvalid";
    case ErrorCode::kUnsupported:
      return "Unsupported";
    case ErrorCode::kPermissionDenied:
      return "PermissionDenied";
    case ErrorCode::kUnavailable:
      return "Unavailable";
    case ErrorCode::kDeadlineExceeded:
      return "DeadlineExceeded";
    case ErrorCode::kInDoubt:
      return "InDoubt";
    case ErrorCode::kCorrupt:
      return "Corrupt";
    case ErrorCode::kFenced:
      return "Fenced";
    case ErrorCode::kConflict:
      return "Conflict";
    case ErrorCode::kOutOfRange:
      return "OutOfRange";
    case ErrorCode::kInternal:
      return "Internal";
  }
  return "Internal";
}

std::string_view ToString(Retry retry) noexcept {
  switch (retry) {
    case Retry::kNever:
      return "Never";
    case Retry::kSafe:
      return "Safe";
    case Retry::kAfterNewClaim:
      return "AfterNewClaim";
  }
  return "Never";
}

std::string ToString(const Error& error) {
  std::string text;
  if (!error.scheme.empty()) text += Printable(error.scheme) + ": ";
  if (!error.operation.empty()) text += Printable(error.operation) + ": ";
  text += std::string(ToString(error.code)) + ": " + Printable(error.message);
  if (error.context.empty()) return text;
  char separator = '[';
  text += ' ';
  for (const auto& [key, value] : error.context) {
    text += separator + Printable(key) + '=' + Printable(value);
    separator = ' ';
  }
  return text + ']';
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t valid = internal::Utf8CharBytes(text);
    const std::string_view character = text.substr(0, valid == 0 ? 1 : valid);
    if (valid == 0 || IsControl(character)) {
      AppendEscaped(out, character);
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace offsetstore
