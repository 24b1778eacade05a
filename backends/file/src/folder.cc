// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "header.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "log_file.h"
#include "names.h"
#include "offsetstore/types.h"
#include "paths.h"

namespace offsetstore::internal {
namespace {

constexpr std::string_view kMarkBase = "offsetstore";
constexpr std::string_view kMarkName = "offsetstore.folder";
constexpr mode_t kFolderRights = 0700;
constexpr mode_t kFileRights = 0600;

Error Removed(const std::string& path) {
  Error error = MakeError(ErrorCode::kUnavailable,
                          path +
                              " was removed, moved or replaced while the store was open; put it "
                              "back and open the store again");
  error.retry = Retry::kNever;
  return error;
}

Result<Descriptor> OpenFolder(FileSystem& fs, int at, const std::string& name) {
  const int fd = fs.Open(at, name.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return ErrnoError(-fd, "open folder " + name);
  return Descriptor(fs, fd);
}

// A name in a folder is durable once the folder that holds it was synced.
Status MakeFolder(FileSystem& fs, int at, const std::string& name) {
  const int made = fs.MakeFolder(at, name.c_str(), kFolderRights);
  if (made < 0 && made != -EEXIST) return WriteError(-made, "make folder " + name);
  return {};
}

// `parent` is there: what says that it is not (/proc) takes no folders.
Status MakeRoot(FileSystem& fs, const std::string& root, const std::string& parent) {
  Status made = MakeFolder(fs, AT_FDCWD, root);
  if (made || made.error().native != ENOENT) return made;
  return MakeError(ErrorCode::kConfigInvalid,
                   "no folder can be made in " + parent + "; name one on a local disk");
}

Status SyncFolder(FileSystem& fs, int fd, const std::string& path) {
  const int error = fs.Sync(fd);
  if (error < 0) return WriteError(-error, "sync folder " + path);
  return {};
}

bool MayNotWrite(const Error& error) {
  return error.code == ErrorCode::kPermissionDenied;
}

}  // namespace

Result<std::shared_ptr<Folder>> Folder::Open(FileSystem& fs,
                                             const FileOptions& options,
                                             Missing missing,
                                             Deadline deadline) {
  OS_ASSIGN_OR_RETURN(std::string root, CheckedPath(options.folder));
  std::shared_ptr<Folder> folder(new Folder(fs, std::move(root), options.space));
  const Missing store = options.create ? missing : Missing::kRefuse;
  OS_RETURN_IF_ERROR(folder->OpenRoot(options, store));
  OS_RETURN_IF_ERROR(folder->ReadStoreId(store, deadline));
  OS_RETURN_IF_ERROR(folder->OpenSpace(missing));
  if (missing == Missing::kCreate && folder->fd() >= 0) folder->SweepLeftovers();
  return folder;
}

Status Folder::OpenRoot(const FileOptions& options, Missing missing) {
  OS_ASSIGN_OR_RETURN(const bool there, IsFolder(fs_, root_));
  if (!there && missing == Missing::kRefuse) {
    return MakeError(ErrorCode::kConfigInvalid, "there is no folder " + root_);
  }
  if (!there) {
    const std::string parent = ParentOf(root_);
    OS_ASSIGN_OR_RETURN(const bool has_parent, IsFolder(fs_, parent));
    if (!has_parent) {
      return MakeError(ErrorCode::kConfigInvalid,
                       "the folder " + parent + ", in which " + root_ +
                           " would be made, does not exist; make it first");
    }
    OS_ASSIGN_OR_RETURN(const Descriptor parent_fd, OpenFolder(fs_, AT_FDCWD, parent));
    OS_RETURN_IF_ERROR(MakeRoot(fs_, root_, parent));
    OS_RETURN_IF_ERROR(SyncFolder(fs_, parent_fd.get(), parent));
  }
  OS_ASSIGN_OR_RETURN(root_fd_, OpenFolder(fs_, AT_FDCWD, root_));
  OS_RETURN_IF_ERROR(CheckRights());
  return CheckFileSystem(options.allow_network_file_system);
}

Status Folder::CheckRights() {
  struct stat found {};
  if (const int error = fs_.StatOpen(root_fd_.get(), &found); error < 0) {
    return ErrnoError(-error, "stat " + root_);
  }
  owner_ = found.st_uid;
  owner_group_ = found.st_gid;
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return MakeError(
        ErrorCode::kConfigInvalid,
        "others may write to " + root_ +
            ", so they could replace what is stored; `chmod 0700` it, or name a folder "
            "in it that does not exist yet");
  }
  return {};
}

Status Folder::CheckFileSystem(bool allow_network) {
  long magic = 0;
  if (const int error = fs_.Magic(root_fd_.get(), &magic); error < 0) {
    return ErrnoError(-error, "statfs " + root_);
  }
  const std::string network = NetworkFileSystem(magic);
  if (network.empty() || allow_network) return {};
  return MakeError(ErrorCode::kConfigInvalid,
                   root_ + " lies on a network file system (" + network +
                       "), where locks and syncs do not hold what this store promises; use a local "
                       "disk or another store (network-file-system=allow opens it without any "
                       "promise)");
}

Status Folder::ReadStoreId(Missing missing, Deadline deadline) {
  const std::string path = root_ + '/' + std::string(kMarkName);
  const int fd = fs_.Open(root_fd_.get(), std::string(kMarkName).c_str(), O_RDONLY, 0);
  if (fd == -ENOENT && missing == Missing::kCreate) return MakeStoreId(deadline);
  if (fd == -ENOENT) {
    return MakeError(ErrorCode::kConfigInvalid, root_ + " is not a folder of offsetstore");
  }
  if (fd < 0) return ErrnoError(-fd, "open " + path);
  Descriptor open(fs_, fd);
  const LogFile file(fs_, std::move(open), {}, false);
  OS_ASSIGN_OR_RETURN(const std::string text, file.ReadFrom(0, path));
  auto id = ParseFolderMark(std::string_view(text).substr(0, text.find('\n')));
  if (!id) {
    Error error = std::move(id).error();
    error.message = path + ": " + error.message;
    return error;
  }
  store_id_ = *std::move(id);
  return {};
}

Status Folder::MakeStoreId(Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckEmpty());
  // Two processes may be the first at once: one of them makes the mark, the other reads it.
  OS_ASSIGN_OR_RETURN(LockFile lock, LockFile::Open(root_ + '/' + LockName(kMarkBase)));
  OS_RETURN_IF_ERROR(lock.Lock(deadline));
  const LockGuard guard(lock);
  if (HasMark()) return ReadStoreId(Missing::kRefuse, deadline);
  std::string text;
  const std::string id = Nonce::Random().Hex();
  AppendFolderMark(text, id);
  const std::string temp = TempName(kMarkBase);
  const int made = fs_.Open(root_fd_.get(), temp.c_str(), O_RDWR | O_CREAT | O_EXCL, kFileRights);
  if (made < 0) return WriteError(-made, "make " + root_ + '/' + temp);
  const Descriptor open(fs_, made);
  GiveToOwner(made);
  int error = WriteAll(fs_, made, text, 0);
  if (error == 0) error = fs_.Sync(made);
  if (error == 0) error = fs_.Rename(root_fd_.get(), temp.c_str(), std::string(kMarkName).c_str());
  if (error < 0) {
    fs_.Unlink(root_fd_.get(), temp.c_str());
    return WriteError(-error, "write " + root_ + '/' + std::string(kMarkName));
  }
  OS_RETURN_IF_ERROR(SyncFolder(fs_, root_fd_.get(), root_));
  store_id_ = id;
  return {};
}

bool Folder::HasMark() const {
  struct stat found {};
  return fs_.Stat((root_ + '/' + std::string(kMarkName)).c_str(), &found) == 0;
}

Status Folder::CheckEmpty() const {
  std::vector<std::string> names;
  if (const int error = fs_.List(root_fd_.get(), &names); error < 0) {
    return ErrnoError(-error, "list " + root_);
  }
  for (const std::string& name : names) {
    if (name == "lost+found" || name == LockName(kMarkBase) || TempBase(name) == kMarkBase) {
      continue;
    }
    // Another process may have made the store while this one listed.
    if (HasMark()) return {};
    return MakeError(ErrorCode::kConfigInvalid,
                     root_ + " is not a folder of offsetstore (it has no file " +
                         std::string(kMarkName) + ") and is not empty (it holds '" +
                         Printable(name) + "'); name a new or an empty folder");
  }
  return {};
}

Status Folder::OpenSpace(Missing missing) {
  const std::string name = SpaceFolderName(space_);
  space_path_ = root_ + '/' + name;
  OS_ASSIGN_OR_RETURN(const bool there, IsFolder(fs_, space_path_));
  if (!there) {
    if (missing == Missing::kRefuse) return {};
    auto made = MakeFolder(fs_, root_fd_.get(), name);
    // A folder that may only be read is good for reading: nothing is stored in this space.
    if (!made) return MayNotWrite(made.error()) ? Status() : made;
  }
  OS_ASSIGN_OR_RETURN(space_fd_, OpenFolder(fs_, root_fd_.get(), name));
  if (there) return {};
  GiveToOwner(fd());
  return SyncFolder(fs_, root_fd_.get(), root_);
}

std::string Folder::PathOf(std::string_view name) const {
  return space_path_ + '/' + std::string(name);
}

Status Folder::CheckInPlace() const {
  for (const auto& [path, fd] :
       {std::pair(&root_, root_fd_.get()), std::pair(&space_path_, this->fd())}) {
    if (fd < 0) continue;
    struct stat opened {};
    struct stat found {};
    if (fs_.StatOpen(fd, &opened) < 0 || fs_.Stat(path->c_str(), &found) < 0 ||
        opened.st_ino != found.st_ino || opened.st_dev != found.st_dev) {
      return Removed(*path);
    }
  }
  return {};
}

Result<std::vector<std::string>> Folder::Names() const {
  std::vector<std::string> names;
  if (fd() < 0) return names;
  OS_RETURN_IF_ERROR(CheckInPlace());
  if (const int error = fs_.List(fd(), &names); error < 0) {
    return ErrnoError(-error, "list " + space_path_);
  }
  return names;
}

Result<Descriptor> Folder::Publish(std::string_view base,
                                   std::string_view name,
                                   std::string_view content) const {
  const std::string temp = TempName(base);
  const int made = fs_.Open(fd(), temp.c_str(), O_RDWR | O_CREAT | O_EXCL, kFileRights);
  if (made < 0) return WriteError(-made, "make " + PathOf(temp));
  Descriptor open(fs_, made);
  GiveToOwner(made);
  int error = WriteAll(fs_, made, content, 0);
  // Without this sync the new name could outlive a power cut without its content.
  if (error == 0) error = fs_.Sync(made);
  if (error == 0) error = fs_.Rename(fd(), temp.c_str(), std::string(name).c_str());
  if (error == 0) return open;
  fs_.Unlink(fd(), temp.c_str());
  return WriteError(-error, "write " + PathOf(name));
}

void Folder::GiveToOwner(int fd) const noexcept {
  if (::geteuid() == 0 && owner_ != 0) fs_.SetOwner(fd, owner_, owner_group_);
}

// What compactions that died have left. Each under its group's lock, so that no running one is hit;
// a leftover that cannot be removed does no harm and is met again at the next open.
void Folder::SweepLeftovers() const {
  const auto names = Names();
  if (!names) return;
  for (const std::string& name : *names) {
    const auto base = TempBase(name);
    if (!base) continue;
    auto lock = LockFile::Open(PathOf(LockName(*base)));
    if (!lock || !lock->Lock(Deadline::After(Duration::zero()))) continue;
    const LockGuard guard(*lock);
    fs_.Unlink(fd(), name.c_str());
  }
}

}  // namespace offsetstore::internal
