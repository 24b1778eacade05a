// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/source.h"
#include "slot_json.h"

namespace offsetstore::migration {

/// A JSON document that may be larger than memory: hands on each number and text with where it
/// stands. An error of a handler ends it.
class Document : public nlohmann::json_sax<Json> {
 public:
  explicit Document(Source& source) : source_(source) {}
  ~Document() override = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Reads all of it.
  [[nodiscard]] Status Read();

  // What the parser calls.
  bool null() override;
  bool boolean(bool value) override;
  bool number_integer(number_integer_t value) override;
  bool number_unsigned(number_unsigned_t value) override;
  bool number_float(number_float_t value, const string_t& text) override;
  bool string(string_t& value) override;
  bool binary(binary_t& value) override;
  bool start_object(std::size_t elements) override;
  bool key(string_t& value) override;
  bool end_object() override;
  bool start_array(std::size_t elements) override;
  bool end_array() override;
  bool parse_error(std::size_t position,
                   const std::string& token,
                   const nlohmann::detail::exception& error) override;

 protected:
  struct Level {
    bool is_list = false;
    std::string key;  ///< Of the value in hand; empty in a list.
  };
  /// Where the value in hand stands, outermost first.
  [[nodiscard]] const std::vector<Level>& levels() const noexcept { return levels_; }
  [[nodiscard]] Source& source() noexcept { return source_; }

  virtual Status OnNumber(std::int64_t number) = 0;
  virtual Status OnText(const std::string& text) = 0;
  /// An object or a list begins: the innermost of `levels`.
  virtual Status OnBegin() = 0;
  /// It ends, and is still among `levels`.
  virtual Status OnEnd() = 0;
  [[nodiscard]] static Error NotExpected(const std::string& what);

 private:
  bool Go(const Status& status);
  bool Begin(bool is_list);
  bool End();

  Source& source_;
  std::vector<Level> levels_;
  Status status_;
};

}  // namespace offsetstore::migration
