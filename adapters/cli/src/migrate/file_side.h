// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "migrate/open_sides.h"

namespace CLI {
class App;
}

namespace offsetstore::cli {

/// A file of positions, or a folder of librdkafka's offset files, in the place of a store.
struct FileSource {
  std::string path;    ///< `-`: standard input.
  std::string format;  ///< Empty: found out.
  std::string group;   ///< Of the positions, where the file names none.
};

/// How the file is read: `option` (`--from`) for its format, and `--file-group`.
void AddFileFormat(CLI::App& command, const char* option, FileSource& source);

/// Reads all of it, and says what is to be known about it.
[[nodiscard]] Result<OpenedSide> OpenFileSide(const FileSource& source);

}  // namespace offsetstore::cli
