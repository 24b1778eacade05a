// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace offsetstore::cli {

/// Text as man(7) shows it: whatever it holds, roff takes nothing of it for its own.
[[nodiscard]] std::string RoffText(std::string_view text);
/// The same in bold, and in italic.
[[nodiscard]] std::string RoffBold(std::string_view text);
[[nodiscard]] std::string RoffItalic(std::string_view text);
/// The same, with what stands between backquotes in bold.
[[nodiscard]] std::string RoffMarked(std::string_view text);

/// Writes a manual page, section by section. Every piece is roff already, by the functions above.
class RoffPage {
 public:
  /// Begins the page `name` of section 1. `source` is what stands at the foot.
  RoffPage(std::string_view name, std::string_view source);

  void Section(std::string_view title);
  void Paragraph(const std::string& text);
  /// A word and what it means.
  void Entry(const std::string& tag, const std::string& text);
  /// Lines as they are.
  void Code(const std::vector<std::string>& lines);

  [[nodiscard]] std::string Take() && { return std::move(text_); }

 private:
  void Line(const std::string& line);

  std::string text_;
};

}  // namespace offsetstore::cli
