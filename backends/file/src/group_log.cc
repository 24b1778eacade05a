// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "group_log.h"

#include <algorithm>
#include <map>

#include "internal/macros.h"
#include "line.h"
#include "log_file.h"
#include "names.h"
#include "offsetstore/types.h"
#include "snapshot.h"

namespace offsetstore::internal {
namespace {

std::uint32_t RandomTag() {
  const Nonce nonce = Nonce::Random();
  std::uint32_t tag = 0;
  for (std::size_t i = 0; i < sizeof tag; ++i) tag = (tag << 8U) | nonce.bytes.at(i);
  return std::max(tag, std::uint32_t{1});
}

Error InDoubt(const Error& because) {
  Error error = MakeError(ErrorCode::kInDoubt,
                          "written, but not known to be on the disk: " + because.message);
  error.native = because.native;
  return error;
}

}  // namespace

GroupLog::GroupLog(std::shared_ptr<Folder> folder, std::string_view group, LogSettings settings)
    : folder_(std::move(folder)),
      base_(FileBase(group)),
      group_(group),
      settings_(std::move(settings)),
      compact_when_above_(settings_.compact_above),
      view_(folder_, base_, group_) {}

Status GroupLog::Read(const std::function<void(const RecordMap&)>& look) {
  const std::lock_guard lock(state_mutex_);
  OS_RETURN_IF_ERROR(view_.RefreshToRead());
  look(view_.state().records);
  return {};
}

Result<GroupLog::Written> GroupLog::Write(const Decide& decide, Deadline deadline) {
  Written written;
  OS_RETURN_IF_ERROR(WithLock(deadline, [&] { return WriteLocked(decide, &written); }));
  return written;
}

Status GroupLog::Settle(std::uint64_t target, Deadline deadline) {
  if (settings_.sync != FileSync::kAlways) return {};
  auto settled = synced_.Wait(target, deadline, [this](Deadline by) { return SyncNow(by); });
  if (!settled) return InDoubt(settled.error());
  return {};
}

Status GroupLog::Sync(Deadline deadline) {
  if (!wrote_) return {};
  return synced_.Wait(Last(), deadline, [this](Deadline by) { return SyncNow(by); });
}

Status GroupLog::Finish(Deadline deadline) {
  constexpr std::uint64_t kFewLines = 16;
  if (!wrote_) return {};
  const auto is_plain = [&] {
    const std::lock_guard lock(state_mutex_);
    const LogState& state = view_.state();
    return state.lines <= state.records.size() + kFewLines;
  };
  if (!is_plain()) {
    // Somebody else may be at work, or stopped: then the file stays as it is.
    const auto compacted =
        WithLock(deadline.Sooner(std::chrono::milliseconds(100)), [&]() -> Status {
          OS_RETURN_IF_ERROR(Prepare());
          return is_plain() ? Status() : Compact();
        });
    if (!compacted) ++settings_.stats->failed_compactions;
  }
  return Sync(deadline);
}

std::uint64_t GroupLog::Last() {
  const std::lock_guard lock(state_mutex_);
  return view_.state().last;
}

Status GroupLog::WithLock(Deadline deadline, const std::function<Status()>& section) {
  if (!turn_.Enter(deadline)) {
    return MakeError(
        ErrorCode::kDeadlineExceeded,
        "another thread waits for, or holds, the lock of group '" + Printable(group_) + "'");
  }
  const internal::TurnEnd turn_end(turn_);
  OS_RETURN_IF_ERROR(OpenLock());
  if (Status locked = lock_->Lock(deadline); !locked) {
    // Its file cannot be made anew in a folder that is gone: say so.
    OS_RETURN_IF_ERROR(folder_->CheckInPlace());
    return locked;
  }
  const LockGuard guard(*lock_);
  return section();
}

Status GroupLog::OpenLock() {
  if (lock_) return {};
  if (folder_->fd() < 0) {
    return MakeError(ErrorCode::kPermissionDenied, folder_->root() + " may only be read");
  }
  OS_RETURN_IF_ERROR(folder_->CheckInPlace());
  OS_ASSIGN_OR_RETURN(LockFile lock, LockFile::Open(folder_->PathOf(LockName(base_))));
  folder_->GiveToOwner(lock.fd());
  lock_.emplace(std::move(lock));
  return {};
}

// Brings the file into a state in which it may be appended to.
Status GroupLog::Prepare() {
  std::shared_ptr<LogFile> file;
  Tail tail;
  std::uint64_t torn = 0;
  std::uint64_t end = 0;
  bool poisoned = false;
  {
    const std::lock_guard lock(state_mutex_);
    OS_ASSIGN_OR_RETURN(const std::string rest, view_.Refresh());
    file = view_.file();
    if (!file) return {};
    if (!view_.IsWhole(rest)) {
      tail = Judge(view_.state(), rest);
      OS_RETURN_IF_ERROR(view_.CheckSameFile());
    }
    torn = rest.size();
    end = view_.state().end;
    poisoned = view_.state().poisoned;
  }
  if (tail.corrupt) return Refuse(*file, tail);
  if (!file->writable()) {
    return MakeError(ErrorCode::kPermissionDenied, view_.path() + " may only be read");
  }
  if (torn > 0) OS_RETURN_IF_ERROR(Cut(*file, end, torn));
  if (file->failed || poisoned) return Heal();
  return {};
}

// Nobody can be writing, so whoever wrote the tail is dead. Without the sync a power cut could
// bring bytes of it back behind the lines that take its place.
Status GroupLog::Cut(LogFile& file, std::uint64_t end, std::uint64_t bytes) {
  FileSystem& fs = folder_->fs();
  if (const int error = fs.Truncate(file.fd(), static_cast<off_t>(end)); error < 0) {
    return WriteError(-error, "cut the torn tail of " + view_.path());
  }
  if (fs.Sync(file.fd()) < 0) file.failed = true;
  cut_bytes_ += bytes;
  ++settings_.stats->torn_tails_cut;
  return {};
}

Status GroupLog::Refuse(const LogFile& file, const Tail& tail) {
  Error error = view_.CorruptError(tail);
  auto copy = KeepCopy(*folder_, base_, file);
  error.message +=
      copy ? "; a copy is kept in " + *copy : "; no copy could be kept: " + copy.error().message;
  return error;
}

// A sync of this file failed, here or in another process. What it lacks on the disk nobody can
// find out, and syncing it again proves nothing; a new file of what was accepted does.
Status GroupLog::Heal() {
  Error because = MakeError(ErrorCode::kUnavailable, "its folder could not be synced");
  auto healed = Compact();
  if (healed) {
    const std::lock_guard lock(state_mutex_);
    if (!view_.file()->failed) return {};
  } else {
    because = std::move(healed).error();
  }
  Poison();
  because.code = ErrorCode::kUnavailable;
  because.message =
      "a sync of " + view_.path() +
      " failed, and a new file could not be made, so nothing is acknowledged: " + because.message;
  return because;
}

// Tells the other processes, which read this line from the same memory even when the disk is gone.
// Where even that fails, each of them still learns it from its own next sync.
void GroupLog::Poison() {
  const std::lock_guard lock(state_mutex_);
  LogState& state = view_.state();
  view_.file()->failed = true;
  if (state.poisoned) return;
  std::string line;
  AppendPoison(line, {state.last + 1, state.mark, state.last + 1, 0});
  // A part of the line is a torn tail for the next writer.
  if (WriteAll(folder_->fs(), view_.file()->fd(), line, state.end) == 0) Accept(state, line);
}

Status GroupLog::WriteLocked(const Decide& decide, Written* written) {
  OS_RETURN_IF_ERROR(Prepare());
  Batch batch;
  {
    const std::lock_guard lock(state_mutex_);
    batch.changes = decide(view_.state().records);
    batch.file = view_.file();
    batch.offset = view_.state().end;
    batch.last = view_.state().last;
    if (batch.file && !batch.changes.empty()) Encode(&batch);
  }
  written->target = batch.last;
  if (batch.changes.empty()) return {};
  wrote_ = true;
  if (!batch.file) return Create(std::move(batch.changes), written);
  return Append(std::move(batch), written);
}

// The first lines of a group come with its file, in one step.
Status GroupLog::Create(Changes changes, Written* written) {
  RecordMap records;
  for (auto& change : changes) records[change.first] = std::move(change.second);
  LogState state;
  const std::string content = SnapshotOf(records, 0, NewHeader(*folder_, group_), &state);
  OS_ASSIGN_OR_RETURN(auto file, PublishSnapshot(*folder_, base_, content));
  state.records = std::move(records);
  written->target = state.last;
  if (!file->failed) synced_.Raise(state.last);
  ++settings_.stats->compactions;
  const std::lock_guard lock(state_mutex_);
  view_.Replace(std::move(file), std::move(state));
  return {};
}

Status GroupLog::Append(Batch batch, Written* written) {
  const int error = WriteAll(folder_->fs(), batch.file->fd(), batch.bytes, batch.offset);
  if (error < 0) return TakeBack(batch, -error, written);
  ++settings_.stats->appends;
  written->target = batch.last;
  if (Take(std::move(batch))) CompactIfWorthwhile();
  return {};
}

// One batch, a cut that was made before it included: a reader without a lock accepts it whole or
// not at all.
void GroupLog::Encode(Batch* batch) const {
  const LogState& state = view_.state();
  const std::uint64_t durable = std::max(state.mark, std::min(synced_.durable(), state.last));
  const std::uint64_t lines = batch->changes.size() + (cut_bytes_ > 0 ? 1 : 0);
  batch->last = state.last + lines;
  LineHead head{state.last + 1, durable, batch->last, lines > 1 ? RandomTag() : 0};
  if (cut_bytes_ > 0) {
    AppendCut(batch->bytes, head, cut_bytes_);
    ++head.number;
  }
  std::map<TopicPartition, const Record*> changed;
  for (const auto& [at, record] : batch->changes) {
    // A partition may be named twice: the second change follows the first.
    const Record*& before = changed[at];
    if (before == nullptr) before = &Lookup(state.records, at);
    AppendChange(batch->bytes, head, at, *before, record);
    before = &record;
    ++head.number;
  }
}

// Of the batch only a part can be in the file, and a part of a batch counts for nothing. It must
// go all the same: the next line would follow it.
Status GroupLog::TakeBack(const Batch& batch, int write_error, Written* written) {
  Error error = WriteError(write_error, "append to " + view_.path());
  const int cut = folder_->fs().Truncate(batch.file->fd(), static_cast<off_t>(batch.offset));
  if (cut == 0 || error.retry == Retry::kSafe) return error;
  batch.file->failed = true;
  error.message += "; and the file could not be cut back";
  written->in_doubt = InDoubt(error);
  return {};
}

// A reader of this process may have found the batch in the file already. Nobody else can have
// written, so the view stands either before it or after it. Returns whether to look at the size.
bool GroupLog::Take(Batch batch) {
  const std::lock_guard lock(state_mutex_);
  LogState& state = view_.state();
  if (state.last < batch.last) {
    for (auto& change : batch.changes) state.records[change.first] = std::move(change.second);
    state.lines += batch.last - state.last;
    state.last = batch.last;
    state.end = batch.offset + batch.bytes.size();
    if (cut_bytes_ > 0) ++state.cuts;
  }
  cut_bytes_ = 0;
  constexpr std::uint64_t kLinesPerPartition = 4;
  return state.end > compact_when_above_ && state.lines > kLinesPerPartition * state.records.size();
}

void GroupLog::CompactIfWorthwhile() {
  if (Compact()) {
    compact_when_above_ = settings_.compact_above;
    return;
  }
  // The file in use is as good as before; trying again with each commit would only slow it down.
  ++settings_.stats->failed_compactions;
  compact_when_above_ = std::max(2 * compact_when_above_, std::uint64_t{1} << 16U);
}

Status GroupLog::Compact() {
  FileHeader header = NewHeader(*folder_, group_);
  LogState next;
  std::string content;
  {
    const std::lock_guard lock(state_mutex_);
    const LogState& state = view_.state();
    header.cuts = state.cuts + (cut_bytes_ > 0 ? 1 : 0);
    content = SnapshotOf(state.records, state.last, std::move(header), &next);
  }
  OS_ASSIGN_OR_RETURN(auto file, PublishSnapshot(*folder_, base_, content));
  const bool durable = !file->failed;
  const std::uint64_t last = next.last;
  cut_bytes_ = 0;
  ++settings_.stats->compactions;
  {
    const std::lock_guard lock(state_mutex_);
    next.records = std::move(view_.state().records);
    view_.Replace(std::move(file), std::move(next));
  }
  if (durable) synced_.Raise(last);
  return {};
}

// Everything written so far, by whatever process, and the name of the file it is in.
Result<std::uint64_t> GroupLog::SyncNow(Deadline deadline) {
  constexpr int kFiles = 3;
  for (int i = 0; i < kFiles; ++i) {
    std::shared_ptr<LogFile> file;
    std::uint64_t last = 0;
    bool poisoned = false;
    {
      const std::lock_guard lock(state_mutex_);
      file = view_.file();
      last = view_.state().last;
      poisoned = view_.state().poisoned;
    }
    if (!file) return last;
    if (!poisoned && SyncFile(*file)) return last;
    // Another process, or a compaction of this one, may have made a new file: then that is synced.
    OS_RETURN_IF_ERROR(WithLock(deadline, [this] { return Prepare(); }));
  }
  return MakeError(ErrorCode::kUnavailable, "syncing " + view_.path() + " fails again and again");
}

// Whether all of the file is on the disk under its name.
bool GroupLog::SyncFile(LogFile& file) const {
  if (file.failed) return false;
  FileSystem& fs = folder_->fs();
  // Whoever made the file may have died before it synced the folder.
  if (!file.folder_synced && fs.Sync(folder_->fd()) == 0) file.folder_synced = true;
  if (file.folder_synced && fs.SyncData(file.fd()) == 0) {
    ++settings_.stats->syncs;
    return true;
  }
  ++settings_.stats->failed_syncs;
  file.failed = true;
  return false;
}

}  // namespace offsetstore::internal
