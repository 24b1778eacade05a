// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "columns.h"
#include "folder.h"
#include "internal/flock.h"
#include "internal/macros.h"
#include "line.h"
#include "log_view.h"
#include "names.h"
#include "offsetstore/backends/file.h"
#include "snapshot.h"

namespace offsetstore {
namespace internal {
namespace {

/// What the whole lines of a damaged file say.
struct Salvage {
  RecordMap records;
  std::uint64_t last = 0;     ///< The highest number that is or may have been given.
  std::uint64_t counter = 0;  ///< The highest counter of a claim in a whole line.
  std::uint64_t kept = 0;
  std::uint64_t dropped = 0;
};

void Keep(Line line, Salvage* salvage) {
  salvage->last = std::max({salvage->last, line.head.number, line.head.batch_end});
  if (line.claim) salvage->counter = std::max(salvage->counter, line.claim->token.counter);
  ++salvage->kept;
  Apply(std::move(line), salvage->records);
}

Salvage ReadWhole(std::string_view text, const LogState& state) {
  Salvage salvage;
  salvage.last = std::max(state.last, state.mark);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto body = Checked(text.substr(0, end));
    auto line = body ? ParseLine(*body) : std::nullopt;
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line) {
      Keep(*std::move(line), &salvage);
    } else {
      ++salvage.dropped;
    }
  }
  return salvage;
}

// A damaged line may have been a claim of any partition, so that a holder who was fenced by it
// would look like the newest again. Each such line raised a counter by one at most.
void FenceAll(Salvage* salvage) {
  const Owner repairer = ThisProcess(Owner::Kind::kOperator, "repair");
  const std::uint64_t counter = salvage->counter + salvage->dropped + 1;
  for (auto& [at, record] : salvage->records) {
    const bool removed = record.removed;
    record.claim = ClaimView{{counter, Nonce::Random()}, repairer, true};
    record.removed = removed;
  }
}

Error NotDamaged(const LogView& view) {
  return MakeError(ErrorCode::kInvalidArgument,
                   view.file() ? view.path() + " is not damaged" : "there is no " + view.path());
}

// Under the lock nobody writes, so one look tells.
Result<bool> IsDamaged(LogView& view) {
  OS_ASSIGN_OR_RETURN(const std::string rest, view.Refresh());
  return view.file() && !view.IsWhole(rest) && Judge(view.state(), rest).corrupt;
}

Result<RepairReport> Repair(const Folder& folder, LogView& view, std::string_view group) {
  const std::string base = FileBase(group);
  OS_ASSIGN_OR_RETURN(const bool damaged, IsDamaged(view));
  if (!damaged) return NotDamaged(view);
  RepairReport report;
  OS_ASSIGN_OR_RETURN(report.copy, KeepCopy(folder, base, *view.file()));
  OS_ASSIGN_OR_RETURN(const std::string text, view.file()->ReadFrom(0, view.path()));
  Salvage salvage = ReadWhole(std::string_view(text).substr(text.find('\n') + 1), view.state());
  FenceAll(&salvage);
  FileHeader header = NewHeader(folder, group);
  header.cuts = view.state().cuts;
  LogState state;
  const std::string content =
      SnapshotOf(salvage.records, salvage.last + salvage.dropped, std::move(header), &state);
  OS_ASSIGN_OR_RETURN(const auto file, PublishSnapshot(folder, base, content));
  if (file->failed) {
    return MakeError(ErrorCode::kUnavailable, "the folder of " + view.path() + " cannot be synced");
  }
  report.path = view.path();
  report.lines_kept = salvage.kept;
  report.lines_dropped = salvage.dropped;
  return report;
}

}  // namespace
}  // namespace internal

Result<RepairReport> RepairGroupFile(const FileOptions& options,
                                     std::string_view group,
                                     Deadline deadline) {
  using internal::Folder;
  OS_ASSIGN_OR_RETURN(
      const auto folder,
      Folder::Open(internal::KernelFileSystem(), options, Folder::Missing::kRefuse, deadline));
  const std::string base = internal::FileBase(group);
  internal::LogView view(folder, base, group);
  if (folder->fd() < 0) return internal::NotDamaged(view);
  OS_ASSIGN_OR_RETURN(auto lock,
                      internal::LockFile::Open(folder->PathOf(internal::LockName(base))));
  folder->GiveToOwner(lock.fd());
  OS_RETURN_IF_ERROR(lock.Lock(deadline));
  const internal::LockGuard guard(lock);
  return internal::Repair(*folder, view, group);
}

}  // namespace offsetstore
