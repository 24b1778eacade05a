// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/run_files.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "command.h"
#include "internal/macros.h"
#include "user_folder.h"

namespace offsetstore::cli {

Status RunFiles::Settle() {
  if (folder.empty()) folder = UserFolder("XDG_STATE_HOME", ".local/state");
  if (!folder.empty()) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   "there is no folder for plans and journals: neither XDG_STATE_HOME nor HOME is "
                   "set; name one with --state-dir");
}

Status RunFiles::Find() {
  const bool named = !folder.empty();
  OS_RETURN_IF_ERROR(Settle());
  std::error_code failed;
  if (!named || std::filesystem::is_directory(folder, failed)) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   "--state-dir '" + Printable(folder) + "' is no folder that is there");
}

Status RunFiles::Prepare() {
  OS_RETURN_IF_ERROR(Settle());
  std::error_code failed;
  const bool made = std::filesystem::create_directories(folder, failed);
  if (made) ::chmod(folder.c_str(), S_IRWXU);
  if (!failed && std::filesystem::is_directory(folder, failed)) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   "the folder for plans and journals, '" + Printable(folder) +
                       "', cannot be made: " + (failed ? failed.message() : "it is a file") +
                       "; name another with --state-dir");
}

void AddRunFiles(CLI::App& command, RunFiles& files) {
  AddText(command,
          "--state-dir",
          files.folder,
          "Where plans, journals and the history are kept (~/.local/state/offsetctl)")
      ->type_name("DIR");
}

}  // namespace offsetstore::cli
