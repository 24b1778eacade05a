// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "manual/roff.h"

#include <algorithm>
#include <utility>

namespace offsetstore::cli {
namespace {

/// The characters that roff shows as others: quotes as typographic ones, a minus as a hyphen.
std::string_view Escaped(char c) {
  switch (c) {
    case '\\':
      return "\\(rs";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '"':
      return "\\(dq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '\n':
      return " ";
    default:
      return {};
  }
}

}  // namespace

std::string RoffText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::string_view escaped = Escaped(c);
    if (escaped.empty()) {
      out += c;
    } else {
      out += escaped;
    }
  }
  return out;
}

std::string RoffBold(std::string_view text) {
  return "\\fB" + RoffText(text) + "\\fR";
}

std::string RoffItalic(std::string_view text) {
  return "\\fI" + RoffText(text) + "\\fR";
}

std::string RoffMarked(std::string_view text) {
  std::string out;
  bool marked = false;
  while (true) {
    const std::size_t end = std::min(text.find('`'), text.size());
    const std::string_view piece = text.substr(0, end);
    out += marked ? RoffBold(piece) : RoffText(piece);
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
    marked = !marked;
  }
}

RoffPage::RoffPage(std::string_view name, std::string_view source) {
  std::string title(name);
  std::ranges::transform(title, title.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  // Without a date: the page of one version is the same whenever it is made. Words are not
  // stretched nor split: options and URIs are no prose.
  text_ = ".TH \"" + RoffText(title) + R"(" 1 "" ")" + RoffText(source) +
          "\" \"offsetctl manual\"\n.ad l\n.nh\n";
}

void RoffPage::Section(std::string_view title) {
  text_ += ".SH \"" + RoffText(title) + "\"\n";
}

void RoffPage::Paragraph(const std::string& text) {
  text_ += ".PP\n";
  Line(text);
}

void RoffPage::Entry(const std::string& tag, const std::string& text) {
  text_ += ".TP\n";
  Line(tag);
  Line(text);
}

void RoffPage::Code(const std::vector<std::string>& lines) {
  text_ += ".PP\n.RS 4\n.EX\n";
  for (const std::string& line : lines) Line(line);
  text_ += ".EE\n.RE\n";
}

void RoffPage::Line(const std::string& line) {
  // A dot that begins a line would make a request of it.
  if (line.starts_with('.')) text_ += "\\&";
  text_ += line + "\n";
}

}  // namespace offsetstore::cli
