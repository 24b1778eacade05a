// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <iterator>
#include <string>
#include <string_view>

#include "offsetstore/error.h"
#include "offsetstore/result.h"

namespace offsetstore::migration {

/// The bytes of a file, by the line or one by one, with the number of the line. Takes a UTF-8
/// mark at the start and CRLF for what they are; UTF-16 is an error.
class Source {
 public:
  Source(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

  /// Reads the first block. Before anything else.
  [[nodiscard]] Status Begin();
  /// What is left of the block in hand: at the start enough to see which format it is.
  [[nodiscard]] std::string_view Peek() const { return std::string_view(block_).substr(next_); }

  /// The next line without its end; false at the end of the file.
  [[nodiscard]] Result<bool> NextLine(std::string& line);
  /// As `NextLine`. Empty lines at the end of the file, as tools leave them, are no lines; one in
  /// between is an error.
  [[nodiscard]] Result<bool> NextFullLine(std::string& line);

  /// The next byte without taking it; -1 at the end, or where the file cannot be read.
  [[nodiscard]] int Next();
  void Take();
  /// Whether the file could be read up to here.
  [[nodiscard]] Status Check() const;

  /// The line of what was taken last, from 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return last_ == '\n' ? ends_ : ends_ + 1; }

  /// `InvalidArgument` with the file's name and the line.
  [[nodiscard]] Error Bad(std::string_view what) const { return Bad(line(), what); }
  [[nodiscard]] Error Bad(std::uint64_t line, std::string_view what) const;
  /// The same with the code and message of `error`.
  [[nodiscard]] Error Bad(const Error& error) const;
  /// Of the file as a whole.
  [[nodiscard]] Error BadFile(std::string_view what) const;

 private:
  bool Fill();

  std::istream& in_;
  std::string name_;
  std::string block_;
  std::size_t next_ = 0;
  std::uint64_t ends_ = 0;  ///< Line ends taken.
  char last_ = '\0';
};

/// Hands the bytes to a parser that wants iterators. One at a time: copies share the place.
class SourceIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  SourceIterator() = default;
  explicit SourceIterator(Source& source) : source_(&source) {}

  char operator*() const { return static_cast<char>(source_->Next()); }
  SourceIterator& operator++() {
    source_->Take();
    return *this;
  }
  SourceIterator operator++(int) {
    const SourceIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const SourceIterator& a, const SourceIterator& b) {
    return a.AtEnd() == b.AtEnd();
  }

 private:
  [[nodiscard]] bool AtEnd() const { return source_ == nullptr || source_->Next() < 0; }
  Source* source_ = nullptr;
};

}  // namespace offsetstore::migration
