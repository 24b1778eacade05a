// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "io_error_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <new>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

// SQLite calls plain functions, so what they consult is global.
std::atomic<int> countdown{0};  // calls until the fault; 0 = none
std::atomic<int> fault_code{SQLITE_OK};
std::atomic<bool> is_sticky{false};
std::atomic<bool> has_fired{false};
sqlite3_vfs* system_vfs = nullptr;
sqlite3_vfs fault_vfs{};

/// The code to fail with, or SQLITE_OK.
int NextFault() {
  if (has_fired && is_sticky) return fault_code;
  if (countdown == 0 || --countdown != 0) return SQLITE_OK;
  has_fired = true;
  return fault_code;
}

struct File {
  sqlite3_file base{};
  sqlite3_file* real = nullptr;  // lies right behind this struct
};

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real;
}

int Close(sqlite3_file* f) {
  return Real(f)->pMethods->xClose(Real(f));
}
int ReadAt(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
  return Real(f)->pMethods->xRead(Real(f), to, size, at);
}
int WriteAt(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
  if (const int fault = NextFault(); fault != SQLITE_OK) return fault;
  return Real(f)->pMethods->xWrite(Real(f), from, size, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int fault = NextFault(); fault != SQLITE_OK) return fault;
  return Real(f)->pMethods->xTruncate(Real(f), size);
}
int Sync(sqlite3_file* /*file*/, int /*flags*/) {
  // The data is in the file when the sync fails, as with a kernel. One that does not fail is left
  // out: nothing here survives the test, and hundreds of them take minutes on a slow disk.
  return NextFault();
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return Real(f)->pMethods->xFileSize(Real(f), size);
}
int Lock(sqlite3_file* f, int level) {
  return Real(f)->pMethods->xLock(Real(f), level);
}
int Unlock(sqlite3_file* f, int level) {
  return Real(f)->pMethods->xUnlock(Real(f), level);
}
int IsReserved(sqlite3_file* f, int* out) {
  return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
}
int Control(sqlite3_file* f, int what, void* argument) {
  return Real(f)->pMethods->xFileControl(Real(f), what, argument);
}
int SectorSize(sqlite3_file* f) {
  return Real(f)->pMethods->xSectorSize(Real(f));
}
int Traits(sqlite3_file* f) {
  return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
}
int ShmMap(sqlite3_file* f, int region, int size, int extend, volatile void** out) {
  return Real(f)->pMethods->xShmMap(Real(f), region, size, extend, out);
}
int ShmLock(sqlite3_file* f, int offset, int count, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), offset, count, flags);
}
void ShmBarrier(sqlite3_file* f) {
  Real(f)->pMethods->xShmBarrier(Real(f));
}
int ShmUnmap(sqlite3_file* f, int remove) {
  return Real(f)->pMethods->xShmUnmap(Real(f), remove);
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         ReadAt,
                                         WriteAt,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         IsReserved,
                                         Control,
                                         SectorSize,
                                         Traits,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* ours = new (file) File;
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  const int code = system_vfs->xOpen(system_vfs, name, ours->real, flags, out_flags);
  // SQLite closes a file only if it has methods, also after a failed open.
  ours->base.pMethods = ours->real->pMethods == nullptr ? nullptr : &kMethods;
  return code;
}

}  // namespace

IoFaults::IoFaults() {
  system_vfs = sqlite3_vfs_find(nullptr);
  fault_vfs = *system_vfs;
  fault_vfs.zName = "offsetstore-faults";
  fault_vfs.szOsFile = static_cast<int>(sizeof(File)) + system_vfs->szOsFile;
  fault_vfs.xOpen = Open;
  fault_vfs.pNext = nullptr;
  Heal();
  if (sqlite3_vfs_register(&fault_vfs, 1) != SQLITE_OK) throw std::runtime_error("vfs");
}

IoFaults::~IoFaults() {
  sqlite3_vfs_unregister(&fault_vfs);
  sqlite3_vfs_register(system_vfs, 1);
}

void IoFaults::Fail(int nth, int code, bool sticky) {
  has_fired = false;
  is_sticky = sticky;
  fault_code = code;
  countdown = nth;
}

void IoFaults::Heal() {
  countdown = 0;
  is_sticky = false;
  has_fired = false;
}

bool IoFaults::Fired() const {
  return has_fired;
}

}  // namespace offsetstore::testing
