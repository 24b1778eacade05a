// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/source.h"

#include <utility>

#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16U;
/// Group and metadata at the largest limits of a store, each byte escaped, and much room.
constexpr std::size_t kLongestLine = std::size_t{4} << 20U;

}  // namespace

Status Source::Begin() {
  Fill();
  OS_RETURN_IF_ERROR(Check());
  const std::string_view start = Peek();
  if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff")) {
    return Bad("it is UTF-16: save it as UTF-8");
  }
  if (start.starts_with("\xef\xbb\xbf")) next_ = 3;
  if (Next() < 0) return BadFile("it is empty");
  return {};
}

bool Source::Fill() {
  block_.resize(kBlock);
  in_.read(block_.data(), static_cast<std::streamsize>(kBlock));
  block_.resize(static_cast<std::size_t>(in_.gcount()));
  next_ = 0;
  return !block_.empty();
}

int Source::Next() {
  if (next_ == block_.size() && !Fill()) return -1;
  return static_cast<unsigned char>(block_[next_]);
}

void Source::Take() {
  last_ = block_[next_++];
  if (last_ == '\n') ++ends_;
}

Status Source::Check() const {
  if (!in_.bad()) return {};
  Error error = BadFile("it cannot be read to its end");
  error.code = ErrorCode::kUnavailable;
  return error;
}

Result<bool> Source::NextLine(std::string& line) {
  line.clear();
  bool any = false;
  while (Next() >= 0) {
    any = true;
    const std::string_view rest = Peek();
    const std::size_t end = rest.find('\n');
    const std::size_t length = end == std::string_view::npos ? rest.size() : end;
    if (line.size() + length > kLongestLine) {
      last_ = '\0';
      return Bad("it is longer than 4 MiB: this is no file of positions");
    }
    line.append(rest.substr(0, length));
    next_ += length;
    if (length > 0) last_ = line.back();
    if (end == std::string_view::npos) continue;
    Take();
    break;
  }
  OS_RETURN_IF_ERROR(Check());
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return any;
}

Result<bool> Source::NextFullLine(std::string& line) {
  OS_ASSIGN_OR_RETURN(bool any, NextLine(line));
  if (!any || !line.empty()) return any;
  const std::uint64_t empty = this->line();
  while (any && line.empty()) {
    OS_ASSIGN_OR_RETURN(any, NextLine(line));
  }
  if (any) return Bad(empty, "it is empty: take it out");
  return false;
}

Error Source::Bad(std::uint64_t line, std::string_view what) const {
  return MakeError(ErrorCode::kInvalidArgument,
                   name_ + ", line " + std::to_string(line) + ": " + std::string(what));
}

Error Source::Bad(const Error& error) const {
  Error bad = Bad(error.message);
  if (error.code == ErrorCode::kUnsupported) bad.code = error.code;
  return bad;
}

Error Source::BadFile(std::string_view what) const {
  return MakeError(ErrorCode::kInvalidArgument, name_ + ": " + std::string(what));
}

}  // namespace offsetstore::migration
