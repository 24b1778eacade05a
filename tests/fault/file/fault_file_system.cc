// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fault_file_system.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include "inode.h"

namespace offsetstore::testing {
namespace {

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::filesystem::path PathOf(int fd) {
  return std::filesystem::path("/proc/self/fd") / std::to_string(fd);
}

}  // namespace

void FaultFileSystem::SetRule(Rule rule) {
  const std::lock_guard lock(mutex_);
  rule_ = std::make_shared<Rule>(std::move(rule));
}

void FaultFileSystem::Fail(std::string_view call, int error_number) {
  SetRule([wanted = std::string(call), error_number](std::string_view asked) {
    return asked == wanted ? -error_number : 0;
  });
}

void FaultFileSystem::LimitWrites(std::size_t bytes, int error_number) {
  const std::lock_guard lock(mutex_);
  limited_ = true;
  left_ = bytes;
  limit_error_ = error_number;
}

void FaultFileSystem::Mend() {
  const std::lock_guard lock(mutex_);
  rule_ = nullptr;
  limited_ = false;
  crashing_ = false;
}

void FaultFileSystem::CrashAfter(std::size_t steps) {
  const std::lock_guard lock(mutex_);
  crashing_ = true;
  steps_left_ = steps;
}

bool FaultFileSystem::Crashed() const {
  const std::lock_guard lock(mutex_);
  return crashing_ && steps_left_ == 0;
}

std::vector<std::string> FaultFileSystem::Steps() const {
  const std::lock_guard lock(mutex_);
  return steps_;
}

void FaultFileSystem::SetMagic(long magic) {
  const std::lock_guard lock(mutex_);
  magic_ = magic;
}

void FaultFileSystem::TakeAsDurable(const std::filesystem::path& space_folder) {
  const std::lock_guard lock(mutex_);
  noting_ = true;
  synced_files_.clear();
  synced_names_.clear();
  if (!std::filesystem::exists(space_folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator(space_folder)) {
    synced_names_[entry.path().filename()] = InodeOf(entry.path());
    synced_files_[InodeOf(entry.path())] = ContentOf(entry.path());
  }
}

void FaultFileSystem::CutPower(const std::filesystem::path& space_folder) const {
  const std::lock_guard lock(mutex_);
  std::filesystem::remove_all(space_folder);
  std::filesystem::create_directory(space_folder);
  std::filesystem::permissions(space_folder, std::filesystem::perms::owner_all);
  for (const auto& [name, inode] : synced_names_) {
    const auto content = synced_files_.find(inode);
    std::ofstream out(space_folder / name, std::ios::binary);
    if (content != synced_files_.end()) out << content->second;
  }
}

int FaultFileSystem::Step(std::string_view call) {
  std::shared_ptr<Rule> rule;
  {
    const std::lock_guard lock(mutex_);
    if (crashing_ && steps_left_ == 0) return -EIO;
    if (crashing_) --steps_left_;
    rule = rule_;
  }
  // Not under the lock: a rule may make its caller wait.
  const int error = rule ? (*rule)(call) : 0;
  if (error < 0) return error;
  const std::lock_guard lock(mutex_);
  steps_.emplace_back(call);
  return 0;
}

void FaultFileSystem::NoteSynced(int fd) {
  struct stat found {};
  if (kernel_.StatOpen(fd, &found) < 0) return;
  const std::lock_guard lock(mutex_);
  if (!noting_) return;
  if (!S_ISDIR(found.st_mode)) {
    synced_files_[found.st_ino] = ContentOf(PathOf(fd));
    return;
  }
  synced_names_.clear();
  for (const auto& entry : std::filesystem::directory_iterator(PathOf(fd))) {
    synced_names_[entry.path().filename()] = InodeOf(entry.path());
  }
}

int FaultFileSystem::Open(int folder, const char* name, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0) {
    if (const int error = Step("create"); error < 0) return error;
  }
  return kernel_.Open(folder, name, flags, mode);
}

int FaultFileSystem::Close(int fd) noexcept {
  return kernel_.Close(fd);
}

ssize_t FaultFileSystem::Read(int fd, char* to, std::size_t bytes, off_t at) {
  return kernel_.Read(fd, to, bytes, at);
}

ssize_t FaultFileSystem::Write(int fd, const char* from, std::size_t bytes, off_t at) {
  if (const int error = Step("write"); error < 0) return error;
  {
    const std::lock_guard lock(mutex_);
    if (limited_) {
      if (left_ == 0) return -limit_error_;
      bytes = std::min(bytes, left_);
      left_ -= bytes;
    }
  }
  return kernel_.Write(fd, from, bytes, at);
}

int FaultFileSystem::SyncData(int fd) {
  const int error = Step("sync-data");
  if (error == 0) NoteSynced(fd);
  return error;
}

int FaultFileSystem::Sync(int fd) {
  const int error = Step("sync");
  if (error == 0) NoteSynced(fd);
  return error;
}

int FaultFileSystem::Truncate(int fd, off_t size) {
  if (const int error = Step("truncate"); error < 0) return error;
  return kernel_.Truncate(fd, size);
}

int FaultFileSystem::Rename(int folder, const char* from, const char* to) {
  if (const int error = Step("rename"); error < 0) return error;
  return kernel_.Rename(folder, from, to);
}

int FaultFileSystem::Unlink(int folder, const char* name) {
  if (const int error = Step("unlink"); error < 0) return error;
  return kernel_.Unlink(folder, name);
}

int FaultFileSystem::MakeFolder(int folder, const char* name, mode_t mode) {
  if (const int error = Step("mkdir"); error < 0) return error;
  return kernel_.MakeFolder(folder, name, mode);
}

int FaultFileSystem::SetOwner(int fd, uid_t user, gid_t group) {
  return kernel_.SetOwner(fd, user, group);
}

int FaultFileSystem::Stat(const char* path, struct stat* to) {
  return kernel_.Stat(path, to);
}

int FaultFileSystem::StatOpen(int fd, struct stat* to) {
  return kernel_.StatOpen(fd, to);
}

int FaultFileSystem::Magic(int fd, long* to) {
  if (const int error = kernel_.Magic(fd, to); error < 0) return error;
  const std::lock_guard lock(mutex_);
  if (magic_ != 0) *to = magic_;
  return 0;
}

int FaultFileSystem::List(int folder, std::vector<std::string>* to) {
  return kernel_.List(folder, to);
}

}  // namespace offsetstore::testing
