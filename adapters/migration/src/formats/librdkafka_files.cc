// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "formats/librdkafka_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "formats/fields.h"
#include "internal/characters.h"
#include "internal/macros.h"

namespace offsetstore::migration {
namespace {

constexpr std::string_view kEnding = ".offset";
/// librdkafka itself reads no more than 21 bytes.
constexpr std::size_t kLongestOffset = 64;
constexpr std::size_t kLongestTopic = 249;

std::string Unescape(std::string_view escaped) {
  constexpr std::array<std::pair<std::string_view, char>, 3> kEscapes = {
      {{"%2F", '/'}, {"%3A", ':'}, {"%5C", '\\'}}};
  std::string text;
  for (std::size_t at = 0; at < escaped.size(); ++at) {
    const std::string_view three = escaped.substr(at, 3);
    const auto* escape = std::ranges::find(kEscapes, three, [](const auto& e) { return e.first; });
    if (escape == kEscapes.end()) {
      text += escaped[at];
    } else {
      text += escape->second;
      at += 2;
    }
  }
  return text;
}

/// As `%d` writes it.
std::optional<std::int32_t> PartitionWritten(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  if (!std::ranges::all_of(text, internal::IsDigit)) return std::nullopt;
  const Result<std::int32_t> partition = PartitionOf(text);
  if (!partition) return std::nullopt;
  return *partition;
}

std::string InWords(const OffsetFileName& name) {
  return ToString(name.at) +
         (name.group ? " of group '" + Printable(*name.group) + "'" : " without a group");
}

/// Which of the readings is meant; nullopt: it is of another group.
Result<std::optional<OffsetFileName>> Choose(std::vector<OffsetFileName> readings,
                                             const std::optional<std::string>& group) {
  const auto without =
      std::ranges::find_if(readings, [](const OffsetFileName& name) { return !name.group; });
  if (group) {
    const auto with = std::ranges::find(readings, group, &OffsetFileName::group);
    if (with != readings.end()) return std::optional(std::move(*with));
    if (without == readings.end()) return std::optional<OffsetFileName>();
  } else if (without == readings.end()) {
    if (readings.size() == 1) return std::optional(std::move(readings.front()));
  } else if (readings.size() == 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "it names no group: say which one with --file-group GROUP");
  }
  if (readings.size() == 1) {
    readings.front().group = group;
    return std::optional(std::move(readings.front()));
  }
  std::string all;
  for (const OffsetFileName& name : readings) all += (all.empty() ? "" : ", or ") + InWords(name);
  return MakeError(ErrorCode::kInvalidArgument,
                   "it can be read in more than one way: " + all +
                       "; say the group with --file-group GROUP, or give the file another name");
}

Result<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code code;
  std::filesystem::directory_iterator at(folder, code);
  while (!code && at != std::filesystem::directory_iterator()) {
    std::string name = at->path().filename().string();
    if (name.ends_with(kEnding)) names.push_back(std::move(name));
    at.increment(code);
  }
  if (code) {
    return MakeError(code == std::errc::permission_denied ? ErrorCode::kPermissionDenied
                                                          : ErrorCode::kInvalidArgument,
                     "'" + Printable(folder) + "' cannot be read as a folder: " + code.message());
  }
  std::ranges::sort(names);
  return names;
}

Slot SlotOfFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content(kLongestOffset, '\0');
  if (in) in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!in.is_open() || in.bad()) {
    return MakeError(ErrorCode::kUnavailable, "'" + Printable(path) + "' cannot be read");
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  return SlotOfOffsetFile(content);
}

}  // namespace

std::vector<OffsetFileName> ReadingsOf(std::string_view file_name) {
  std::vector<OffsetFileName> readings;
  if (!file_name.ends_with(kEnding)) return readings;
  const std::string_view stem = file_name.substr(0, file_name.size() - kEnding.size());
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos;
       dash = stem.find('-', dash + 1)) {
    const std::string_view topic = stem.substr(0, dash);
    if (!IsOldKafkaName(topic) || topic.size() > kLongestTopic) continue;
    const std::size_t end = std::min(stem.find('-', dash + 1), stem.size());
    const auto partition = PartitionWritten(stem.substr(dash + 1, end - dash - 1));
    if (!partition) continue;
    OffsetFileName name{{std::string(topic), *partition}, {}};
    if (end < stem.size()) name.group = Unescape(stem.substr(end + 1));
    readings.push_back(std::move(name));
  }
  return readings;
}

Slot SlotOfOffsetFile(std::string_view content) {
  if (content.empty()) return Absent{};
  const std::string_view text =
      content.ends_with('\n') ? content.substr(0, content.size() - 1) : content;
  Result<Slot> slot = OffsetOf(text);
  if (slot) return *std::move(slot);
  Error error = slot.error();
  error.code = ErrorCode::kCorrupt;
  return error;
}

Result<std::vector<std::string>> ReadLibrdkafkaFiles(const std::string& folder,
                                                     const std::optional<std::string>& group,
                                                     const TakeRow& take) {
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder));
  std::map<std::pair<std::string, TopicPartition>, std::string> seen;
  std::uint64_t others = 0;
  for (const std::string& name : names) {
    std::vector<OffsetFileName> readings = ReadingsOf(name);
    std::string path = folder;
    path.append("/").append(name);
    const std::string where = "'" + Printable(path) + "': ";
    if (readings.empty()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       where + "the name is not TOPIC-PARTITION[-GROUP].offset: move it away");
    }
    Result<std::optional<OffsetFileName>> chosen = Choose(std::move(readings), group);
    if (!chosen) return MakeError(chosen.error().code, where + chosen.error().message);
    if (!*chosen) {
      ++others;
      continue;
    }
    OffsetFileName& file = **chosen;
    const auto [before, first] = seen.try_emplace({*file.group, file.at}, name);
    if (!first) {
      return MakeError(ErrorCode::kInvalidArgument,
                       where + InWords(file) + " is in '" + Printable(before->second) +
                           "' already: move one of the two away");
    }
    Row row;
    row.group = std::move(*file.group);
    row.read.slot = SlotOfFile(path);
    row.read.at = std::move(file.at);
    OS_RETURN_IF_ERROR(take(std::move(row)));
  }
  if (names.empty() || others == names.size()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + Printable(folder) + "' has no offset files" +
                         (others > 0 ? " of that group" : ", whose names end in .offset"));
  }
  std::vector<std::string> notes;
  if (others > 0) notes.push_back(std::to_string(others) + " files are of other groups");
  return notes;
}

}  // namespace offsetstore::migration
