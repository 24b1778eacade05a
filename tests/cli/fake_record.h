// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offsetstore/consumer.h"

namespace offsetstore::testing {

/// A record made of given parts; tells a counter when it is done.
class FakeRecord final : public Record {
 public:
  std::optional<std::string> key_bytes;
  std::optional<std::string> value_bytes;
  std::optional<Time> when;
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
  std::int64_t at = 7;
  int* done_count = nullptr;

  [[nodiscard]] std::string_view topic() const noexcept override { return "orders"; }
  [[nodiscard]] std::int32_t partition() const noexcept override { return 3; }
  [[nodiscard]] std::int64_t offset() const noexcept override { return at; }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept override { return key_bytes; }
  [[nodiscard]] std::optional<std::string_view> value() const noexcept override {
    return value_bytes;
  }
  [[nodiscard]] std::optional<Time> timestamp() const noexcept override { return when; }
  [[nodiscard]] std::vector<Header> headers() const override {
    std::vector<Header> headers;
    for (const auto& [name, value] : fields) headers.push_back({name, value});
    return headers;
  }
  [[nodiscard]] bool Held() const noexcept override { return true; }
  void Done() noexcept override {
    if (done_count != nullptr) ++*done_count;
  }
};

}  // namespace offsetstore::testing
