// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// What the names of a group's files start with: the percent-encoded group, so that no two groups
/// share it. A name too long for a file becomes its start, `~` and a hash of the whole name; the
/// header of the file holds it in full, and a reader compares.
[[nodiscard]] std::string FileBase(std::string_view group);

/// `groups`, or `groups@` and the encoded space.
[[nodiscard]] std::string SpaceFolderName(std::string_view space);

/// The base where `file` is a group's log, `B.log`.
[[nodiscard]] std::optional<std::string_view> LogBase(std::string_view file);

/// The base where `file` is what a compaction that died has left, `B.tmp-<16 digits>`.
[[nodiscard]] std::optional<std::string_view> TempBase(std::string_view file);

/// `B.tmp-` and 16 random digits.
[[nodiscard]] std::string TempName(std::string_view base);

/// The group whose `FileBase` is `base`, where that can be told without opening the file.
[[nodiscard]] std::optional<std::string> GroupOf(std::string_view base);

inline std::string LogName(std::string_view base) {
  return std::string(base) + ".log";
}
inline std::string LockName(std::string_view base) {
  return std::string(base) + ".lock";
}

}  // namespace internal
}  // namespace offsetstore
