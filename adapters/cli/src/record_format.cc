// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "record_format.h"

#include <cctype>
#include <optional>

#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

constexpr std::string_view kFields = "sSRkKThtpo";

Error BadFormat(std::string_view format, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "--format '" + std::string(format) + "': " + why);
}

bool IsDigit(char c, unsigned base) {
  const auto byte = static_cast<unsigned char>(c);
  if (base == 16) return std::isxdigit(byte) != 0;
  return c >= '0' && c < static_cast<char>('0' + static_cast<int>(base));
}

/// Takes up to `most` digits off `rest`.
std::string TakeDigits(std::string_view& rest, unsigned base, std::size_t most) {
  std::string digits;
  while (!rest.empty() && digits.size() < most && IsDigit(rest.front(), base)) {
    digits += rest.front();
    rest.remove_prefix(1);
  }
  return digits;
}

/// A byte by its number, as C writes numbers: `\x41`, `\101` is decimal and `\0101` octal, as in
/// kcat. `rest` begins after the backslash.
std::optional<char> TakeNumber(std::string_view& rest) {
  unsigned base = 10;
  std::size_t most = 3;
  if (rest.front() == 'x') {
    base = 16;
    most = 2;
    rest.remove_prefix(1);
  } else if (rest.front() == '0') {
    base = 8;
    most = 4;
  }
  const std::string digits = TakeDigits(rest, base, most);
  if (digits.empty()) return std::nullopt;
  const unsigned long value = std::stoul(digits, nullptr, static_cast<int>(base));
  if (value > 0xFF) return std::nullopt;
  return static_cast<char>(value);
}

/// The byte that an escape stands for. `rest` begins after the backslash.
std::optional<char> TakeEscape(std::string_view& rest) {
  const char c = rest.front();
  if (c == 'x' || IsDigit(c, 10)) return TakeNumber(rest);
  rest.remove_prefix(1);
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

Result<std::string> Unescape(std::string_view format, std::string_view rest) {
  std::string text;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\' || rest.empty()) {
      text += c;
      continue;
    }
    const std::optional<char> byte = TakeEscape(rest);
    if (!byte) return BadFormat(format, R"(an escape is no byte; write \n, \x0a or \10)");
    text += *byte;
  }
  return text;
}

void AppendLength(std::string& out, std::optional<std::string_view> bytes) {
  out += bytes ? std::to_string(bytes->size()) : "-1";
}

void AppendBinaryLength(std::string& out, std::optional<std::string_view> bytes) {
  const auto length = bytes ? static_cast<std::uint32_t>(bytes->size()) : 0xFFFFFFFFU;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out += static_cast<char>((length >> shift) & 0xFFU);
  }
}

void AppendHeaders(std::string& out, const Record& record) {
  bool first = true;
  for (const Header& header : record.headers()) {
    if (!first) out += ',';
    first = false;
    out += header.name;
    out += '=';
    out += header.value.value_or("NULL");
  }
}

}  // namespace

Result<RecordFormat> RecordFormat::Parse(std::string_view text) {
  RecordFormat format;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t percent = rest.find('%');
    if (percent > 0) {
      OS_ASSIGN_OR_RETURN(std::string literal, Unescape(text, rest.substr(0, percent)));
      format.parts_.push_back({0, std::move(literal)});
    }
    if (percent == std::string_view::npos) break;
    rest.remove_prefix(percent + 1);
    if (rest.empty()) return BadFormat(text, "it ends in a single %; write %% for a percent sign");
    if (rest.front() == '%') {
      format.parts_.push_back({0, "%"});
    } else if (kFields.find(rest.front()) != std::string_view::npos) {
      format.parts_.push_back({rest.front(), {}});
    } else {
      return BadFormat(text,
                       std::string("%") + rest.front() +
                           " is no field; there are %s %S %R %k %K %T %h %t %p %o %%");
    }
    rest.remove_prefix(1);
  }
  if (format.parts_.empty()) return BadFormat(text, "it is empty: no record would be seen");
  return format;
}

void RecordFormat::Append(std::string& out, const Record& record) const {
  for (const Part& part : parts_) {
    if (part.field == 0) {
      out += part.literal;
    } else {
      AppendField(out, part.field, record);
    }
  }
}

void RecordFormat::AppendField(std::string& out, char field, const Record& record) {
  switch (field) {
    case 's':
      out += record.value().value_or("");
      break;
    case 'S':
      AppendLength(out, record.value());
      break;
    case 'R':
      AppendBinaryLength(out, record.value());
      break;
    case 'k':
      out += record.key().value_or("");
      break;
    case 'K':
      AppendLength(out, record.key());
      break;
    case 'T':
      out += record.timestamp() ? std::to_string(record.timestamp()->time_since_epoch().count())
                                : "-1";
      break;
    case 'h':
      AppendHeaders(out, record);
      break;
    case 't':
      out += record.topic();
      break;
    case 'p':
      out += std::to_string(record.partition());
      break;
    default:
      out += std::to_string(record.offset());
      break;
  }
}

std::string_view RecordFormat::ending() const noexcept {
  return parts_.back().literal;
}

}  // namespace offsetstore::cli
