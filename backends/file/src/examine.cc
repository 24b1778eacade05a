// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <string>
#include <utility>
#include <vector>

#include "file_store.h"
#include "header.h"
#include "internal/local_files.h"
#include "internal/macros.h"
#include "names.h"
#include "paths.h"

namespace offsetstore::internal {
namespace {

constexpr long kFuse = 0x65735546;

Finding RightsIn(const Folder& folder, const std::vector<std::string>& names) {
  const std::string advice = "run as the owner of the folder, or give it to this user (chown -R)";
  std::vector<std::string> paths = {folder.root()};
  if (folder.fd() >= 0) paths.push_back(folder.PathOf(""));
  for (const std::string& name : names) paths.push_back(folder.PathOf(name));
  for (const std::string& path : paths) {
    if (MayWrite(path)) continue;
    return {std::string(kRightsCheck),
            Grade::kFailed,
            "may not read and write " + Printable(path),
            advice};
  }
  return {std::string(kRightsCheck),
          Grade::kOk,
          "may read and write the folder and its " + std::to_string(names.size()) + " files",
          {}};
}

/// What locks and syncs are worth there.
Finding FileSystemOf(const Folder& folder) {
  long magic = 0;
  const Descriptor root(
      folder.fs(), folder.fs().Open(AT_FDCWD, folder.root().c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (root.get() < 0 || folder.fs().Magic(root.get(), &magic) < 0) {
    return {"file-system", Grade::kUnknown, "cannot be told", {}};
  }
  const std::string network = NetworkFileSystem(magic);
  if (!network.empty()) {
    return {"file-system",
            Grade::kWarning,
            network +
                ", a network file system (network-file-system=allow): neither locks nor "
                "syncs hold what this store promises",
            "use a local disk, or a store with a server"};
  }
  if (magic == kFuse) {
    return {"file-system",
            Grade::kWarning,
            "FUSE: locks and syncs hold what that file system makes of them",
            "use a local disk"};
  }
  return {"file-system", Grade::kOk, "local", {}};
}

}  // namespace

Result<Examination> ExamineFileStore(const FileOptions& options, Deadline deadline) {
  FileOptions looking = options;
  looking.create = false;
  OS_ASSIGN_OR_RETURN(
      const auto folder,
      Folder::Open(KernelFileSystem(), looking, Folder::Missing::kRefuse, deadline));
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder->Names());
  Examination examination{InfoOf(*folder, options), {}};
  auto& findings = examination.findings;
  findings.push_back(
      {std::string(kVersionCheck), Grade::kOk, "file format " + std::to_string(kFileFormat), {}});
  findings.push_back(RightsIn(*folder, names));
  findings.push_back(FileSystemOf(*folder));
  findings.push_back(DiskFinding(folder->root()));
  return examination;
}

}  // namespace offsetstore::internal
