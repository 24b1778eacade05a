// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/properties.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "internal/macros.h"
#include "internal/utf8.h"

namespace offsetstore {
namespace {

constexpr std::size_t kLargestFile = 1'048'576;
constexpr std::string_view kWhiteSpace = " \t\f";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

bool IsText(std::string_view line) {
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\f') || c == 0x7F;
  };
  return internal::IsUtf8(line) && std::none_of(line.begin(), line.end(), is_control);
}

// A message never shows what a line holds beyond its key: it may be a password.
class LineReader {
 public:
  explicit LineReader(std::string source) { properties_.source = std::move(source); }

  Status Add(std::string_view line) {
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!IsText(line)) {
      return Refuse("is not UTF-8 text, or holds a control character; is this a properties file?");
    }
    line = Trim(line);
    if (line.empty() || line.front() == '#' || line.front() == '!') return {};
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Refuse("has no '='; write key=value");
    const std::string_view key = Trim(line.substr(0, equals));
    if (key.empty()) return Refuse("has no key before '='");
    const auto [first, is_new] = lines_.emplace(key, number_);
    if (!is_new) {
      return Refuse("repeats key '" + std::string(key) + "' of line " +
                    std::to_string(first->second));
    }
    properties_.entries.push_back(
        {std::string(key), std::string(Trim(line.substr(equals + 1))), number_});
    return {};
  }

  Properties Take() && { return std::move(properties_); }

 private:
  [[nodiscard]] Error Refuse(std::string_view why) const {
    return MakeError(ErrorCode::kConfigInvalid,
                     Printable(properties_.source) + ':' + std::to_string(number_) + ": the line " +
                         std::string(why));
  }

  Properties properties_;
  std::map<std::string, int, std::less<>> lines_;  // Where each key stands.
  int number_ = 0;
};

Result<std::string> ReadText(const std::filesystem::path& file) {
  const auto refuse = [&file](std::string_view why) {
    return MakeError(ErrorCode::kConfigInvalid, Printable(file.string()) + ": " + std::string(why));
  };
  std::error_code status_error;
  const auto status = std::filesystem::status(file, status_error);
  if (status_error) return refuse(status_error.message());
  if (!std::filesystem::is_regular_file(status)) return refuse("is not a regular file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refuse("cannot be read; check its rights");
  std::string text(kLargestFile + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return refuse("cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kLargestFile) return refuse("is larger than 1 MiB; no properties file is");
  return text;
}

}  // namespace

const Property* Properties::Find(std::string_view key) const noexcept {
  const auto found = std::find_if(
      entries.rbegin(), entries.rend(), [key](const Property& entry) { return entry.key == key; });
  return found == entries.rend() ? nullptr : &*found;
}

std::string Properties::Where(const Property& property) const {
  return property.line == 0 ? source : source + ':' + std::to_string(property.line);
}

Result<Properties> ReadProperties(const std::filesystem::path& file) {
  OS_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
  return ParseProperties(text, file.string());
}

Result<Properties> ParseProperties(std::string_view text, std::string source) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  LineReader reader(std::move(source));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    OS_RETURN_IF_ERROR(reader.Add(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).Take();
}

}  // namespace offsetstore
