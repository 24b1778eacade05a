// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {

/// A user's configuration folder, with a file of profiles.
class ProfilesHome {
 public:
  explicit ProfilesHome(std::string_view text) {
    std::filesystem::create_directory(folder_ / "offsetctl");
    WriteFile(file(), text);
    std::filesystem::permissions(file(), std::filesystem::perms(0600));
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "offsetctl/profiles"; }
  [[nodiscard]] std::string Folder() const { return folder_.path().string(); }

  /// Runs offsetctl for this user.
  [[nodiscard]] Ran Run(const Words& words) const {
    Words all = {"/usr/bin/env", "XDG_CONFIG_HOME=" + Folder(), OFFSETCTL};
    all.insert(all.end(), words.begin(), words.end());
    return Offsetctl(all);
  }

 private:
  TempDir folder_;
};

}  // namespace offsetstore::testing
