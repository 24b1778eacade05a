// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "temp_dir.h"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace offsetstore::testing {

TempDir::TempDir() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "offsetstore-test.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;  // A test may have taken its own rights away; the system clears TMPDIR.
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace offsetstore::testing
