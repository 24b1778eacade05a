// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace offsetstore::migration {

/// Takes a text apart from its front.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool AtEnd() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  bool Take(char wanted) noexcept {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A number of so many digits (18 at most, which always fits), with no digit behind it.
  [[nodiscard]] std::optional<std::int64_t> TakeDigits(std::size_t least, std::size_t most) {
    const std::size_t count = CountDigits();
    if (count < least || count > most) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : rest_.substr(0, count)) number = number * 10 + (digit - '0');
    rest_.remove_prefix(count);
    return number;
  }

  /// The digits behind a decimal point as milliseconds; finer ones are left out.
  [[nodiscard]] std::optional<std::int64_t> TakeFraction() {
    const std::size_t count = CountDigits();
    if (count == 0 || count > 9) return std::nullopt;
    std::int64_t thousandths = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      thousandths = thousandths * 10 + (i < count ? rest_[i] - '0' : 0);
    }
    rest_.remove_prefix(count);
    return thousandths;
  }

 private:
  [[nodiscard]] std::size_t CountDigits() const {
    return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  }

  std::string_view rest_;
};

}  // namespace offsetstore::migration
