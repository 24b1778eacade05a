// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "offsetstore/result.h"

namespace offsetstore::migration {

/// A file that has its name once it is whole: what was there before stays until then, and for good
/// where anything fails.
class OutputFile {
 public:
  /// Begins a new file beside `path`. `InvalidArgument`, `PermissionDenied`: that cannot be, or
  /// `path` is something else than a file.
  [[nodiscard]] static Result<OutputFile> Create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  /// Without `Finish`: nothing is left of it.
  ~OutputFile();

  [[nodiscard]] Status Write(std::string_view text);
  /// Gives it its name. Returns when file and name survive a loss of power.
  [[nodiscard]] Status Finish();

 private:
  OutputFile(std::string path, std::string draft, int fd);
  [[nodiscard]] Error Failed(const char* what, int code) const;

  std::string path_;
  std::string draft_;
  int fd_ = -1;
};

}  // namespace offsetstore::migration
