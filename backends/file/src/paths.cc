// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "paths.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>

#include "internal/flock.h"

namespace offsetstore::internal {
namespace {

// From linux/magic.h and, where it has none, from the file systems' own sources. FUSE is not here:
// it serves local file systems too, and does not say which.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 17> kNetwork{{
    {0x00006969U, "nfs"},
    {0x0000517BU, "smb"},
    {0xFF534D42U, "cifs"},
    {0xFE534D42U, "smb2"},
    {0x0000564CU, "ncp"},
    {0x73757245U, "coda"},
    {0x5346414FU, "afs"},
    {0x6B414653U, "kafs"},
    {0x00C36400U, "ceph"},
    {0x01021997U, "9p"},
    {0x0BD00BD0U, "lustre"},
    {0x47504653U, "gpfs"},
    {0x01161970U, "gfs2"},
    {0x7461636FU, "ocfs2"},
    {0x19830326U, "beegfs"},
    {0x786F4256U, "vboxsf"},
    {0xBACBACBCU, "vmhgfs"},
}};

std::string KindOf(mode_t mode) {
  if (S_ISREG(mode)) return "a file";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISBLK(mode) || S_ISCHR(mode)) return "a device";
  if (S_ISFIFO(mode)) return "a pipe";
  return S_ISSOCK(mode) ? "a socket" : "no folder";
}

}  // namespace

Result<std::string> CheckedPath(const std::filesystem::path& path) {
  std::string text = path.string();
  if (text.empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the path of the folder is missing: write file:///var/lib/app/offsets");
  }
  if (text.find('\0') != std::string::npos) {
    return MakeError(ErrorCode::kConfigInvalid, "the path of the folder holds the byte 0");
  }
  if (text.front() != '/') {
    return MakeError(ErrorCode::kConfigInvalid,
                     "the path '" + Printable(text) +
                         "' is relative: write it whole, file:///var/lib/app/offsets");
  }
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

Result<bool> IsFolder(FileSystem& fs, const std::string& path) {
  struct stat found {};
  const int error = fs.Stat(path.c_str(), &found);
  if (error == -ENOENT) return false;
  if (error < 0) return ErrnoError(-error, "look at " + path);
  if (S_ISDIR(found.st_mode)) return true;
  Error wrong = MakeError(
      ErrorCode::kConfigInvalid,
      path + " is " + KindOf(found.st_mode) + "; the store needs a folder" +
          (S_ISLNK(found.st_mode) ? ": name the one that the link leads to" : " of its own"));
  return wrong;
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NetworkFileSystem(long magic) {
  // f_type is signed on some machines: compare what the 32 bits say.
  const auto bits = static_cast<std::uint32_t>(magic);
  const auto* const found = std::find_if(
      kNetwork.begin(), kNetwork.end(), [bits](const auto& known) { return known.first == bits; });
  return found == kNetwork.end() ? std::string() : std::string(found->second);
}

}  // namespace offsetstore::internal
