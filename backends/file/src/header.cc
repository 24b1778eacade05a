// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "header.h"

#include <optional>
#include <utility>

#include "columns.h"
#include "internal/macros.h"

namespace offsetstore::internal {
namespace {

constexpr std::string_view kFileMagic = "offsetstore-file\t";
constexpr std::string_view kFolderMagic = "offsetstore-folder\t";

/// Takes `key=value` columns in their fixed order.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view body) : columns_(body) {}

  std::string Text(std::string_view key) {
    auto text = Unescaped(Value(key));
    if (!text) whole_ = false;
    return std::move(text).value_or(std::string());
  }

  std::uint64_t Number(std::string_view key) {
    const auto number = ToNumber<std::uint64_t>(Value(key));
    if (!number) whole_ = false;
    return number.value_or(0);
  }

  [[nodiscard]] bool whole() const noexcept { return whole_; }

 private:
  std::string_view Value(std::string_view key) {
    auto column = columns_.Next();
    if (!column || !column->starts_with(key)) {
      whole_ = false;
      return {};
    }
    return column->substr(key.size());
  }

  ColumnReader columns_;
  bool whole_ = true;
};

// The version is looked at before the checksum: a newer format may end its lines otherwise.
Result<std::string_view> BodyOf(std::string_view line, std::string_view magic) {
  if (!line.starts_with(magic)) {
    return MakeError(ErrorCode::kCorrupt, "it is not a file of offsetstore");
  }
  const std::string_view rest = line.substr(magic.size());
  const auto version = ToNumber<std::uint32_t>(rest.substr(0, rest.find('\t')));
  if (version && *version > kFileFormat) {
    return MakeError(ErrorCode::kUnsupported,
                     "it has format " + std::to_string(*version) + ", this release reads format " +
                         std::to_string(kFileFormat) + "; use the release that wrote it");
  }
  const auto body = Checked(line);
  if (!body || version != kFileFormat) {
    return MakeError(ErrorCode::kCorrupt, "line 1, the header, is damaged");
  }
  std::string_view columns = body->substr(magic.size());
  columns.remove_prefix(columns.find('\t') + 1);
  return columns;
}

void AppendMagic(std::string& out, std::string_view magic) {
  out += magic;
  AppendNumber(out, std::uint64_t{kFileFormat});
}

void AppendField(std::string& out, std::string_view key, std::string_view value) {
  out += '\t';
  out += key;
  AppendEscaped(out, value);
}

void AppendField(std::string& out, std::string_view key, std::uint64_t value) {
  out += '\t';
  out += key;
  AppendNumber(out, value);
}

}  // namespace

void AppendHeader(std::string& out, const FileHeader& header) {
  const std::size_t from = out.size();
  AppendMagic(out, kFileMagic);
  AppendField(out, "id=", header.file_id);
  AppendField(out, "store=", header.store_id);
  AppendField(out, "group=", header.group);
  AppendField(out, "space=", header.space);
  AppendField(out, "first=", header.first);
  AppendField(out, "durable=", header.durable);
  AppendField(out, "cuts=", header.cuts);
  AppendChecksum(out, from);
}

Result<FileHeader> ParseHeader(std::string_view line) {
  OS_ASSIGN_OR_RETURN(const std::string_view columns, BodyOf(line, kFileMagic));
  HeaderReader reader(columns);
  FileHeader header;
  header.file_id = reader.Text("id=");
  header.store_id = reader.Text("store=");
  header.group = reader.Text("group=");
  header.space = reader.Text("space=");
  header.first = reader.Number("first=");
  header.durable = reader.Number("durable=");
  header.cuts = reader.Number("cuts=");
  if (!reader.whole() || header.first == 0 || header.durable + 1 < header.first) {
    return MakeError(ErrorCode::kCorrupt, "line 1, the header, cannot be understood");
  }
  return header;
}

void AppendFolderMark(std::string& out, std::string_view store_id) {
  const std::size_t from = out.size();
  AppendMagic(out, kFolderMagic);
  AppendField(out, "id=", store_id);
  AppendChecksum(out, from);
}

Result<std::string> ParseFolderMark(std::string_view line) {
  OS_ASSIGN_OR_RETURN(const std::string_view columns, BodyOf(line, kFolderMagic));
  HeaderReader reader(columns);
  std::string store_id = reader.Text("id=");
  if (!reader.whole() || store_id.empty()) {
    return MakeError(ErrorCode::kCorrupt, "line 1 cannot be understood");
  }
  return store_id;
}

}  // namespace offsetstore::internal
