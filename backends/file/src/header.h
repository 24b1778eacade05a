// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offsetstore/result.h"

namespace [[gnu::visibility("default")]] offsetstore {
namespace internal {

/// The one version of the format that this release writes; it reads this one.
inline constexpr std::uint32_t kFileFormat = 1;

/// First line of a group's file. It is written, with the snapshot that follows it, before the file
/// gets its name: it is never torn.
struct FileHeader {
  std::string file_id;   ///< Random: a file that took the name of another one has another id.
  std::string store_id;  ///< Of the folder it belongs to.
  std::string group;     ///< In full; the file's name may be shortened.
  std::string space;
  std::uint64_t first = 1;    ///< Number of the line after the header.
  std::uint64_t durable = 0;  ///< Number of the last line that was there before the file got its
                              ///< name; every number up to it is durable.
  std::uint64_t cuts = 0;     ///< Torn tails cut from the files before this one.
};

void AppendHeader(std::string& out, const FileHeader& header);

/// Reads a header line without its line end. `Unsupported` for a newer version, `Corrupt` for a
/// damaged one and for a file of something else; the caller adds the path.
[[nodiscard]] Result<FileHeader> ParseHeader(std::string_view line);

/// The line of the file that marks a folder as one store.
void AppendFolderMark(std::string& out, std::string_view store_id);

/// Returns the store id.
[[nodiscard]] Result<std::string> ParseFolderMark(std::string_view line);

}  // namespace internal
}  // namespace offsetstore
