// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "file_store.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "group_list.h"
#include "internal/macros.h"
#include "offsetstore/units.h"
#include "staged.h"

namespace offsetstore::internal {
namespace {

constexpr Duration kQuietBound = std::chrono::seconds(10);

bool AnyFine(const std::vector<Outcome>& outcomes) {
  return std::any_of(
      outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return outcome.Ok(); });
}

void FailFine(Outcome& outcome, const Error& error) {
  if (outcome.Ok()) outcome = Failed(outcome.at, error);
}

GroupLog::Changes DecideClaims(const RecordMap& records,
                               std::span<const ClaimRequest> requests,
                               const Owner& by,
                               std::vector<ClaimAnswer>* answers) {
  Staged staged(records);
  for (const ClaimRequest& request : requests) {
    const Record before = staged.At(request.at);
    Decision decision = DecideClaim(before, request, by);
    staged.Put(request.at, decision.next);
    answers->push_back(ToClaimAnswer(std::move(decision), before));
  }
  return std::move(staged).Take();
}

}  // namespace

StoreInfo InfoOf(const Folder& folder, const FileOptions& options) {
  StoreInfo info;
  info.scheme = "file";
  info.endpoint = folder.root();
  info.store_id = folder.store_id();
  info.space = folder.space();
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = false,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kAny,
                 .topic_bytes = 32'767,
                 .group_bytes = 32'767,
                 .metadata_bytes = std::size_t{1} << 20U,
                 .atomic_batch = 100'000};
  info.durability = Durability::kProcessCrash;
  switch (options.sync) {
    case FileSync::kAlways:
      info.durability = Durability::kPowerLoss;
      info.durability_note = "each commit is on the disk before it is acknowledged";
      break;
    case FileSync::kInterval:
      info.durability_note = "a crash of the system or a power cut loses at most about the last " +
                             ToString(options.sync_interval);
      break;
    case FileSync::kNever:
      info.durability_note =
          "a crash of the system or a power cut loses what it had not written "
          "yet, usually the last half minute";
      break;
  }
  return info;
}

FileStore::FileStore(std::shared_ptr<Folder> folder, const FileOptions& options)
    : folder_(std::move(folder)),
      max_open_groups_(std::max<std::size_t>(options.max_open_groups, 1)),
      settings_{options.sync,
                options.compact_above,
                options.stats ? options.stats : std::make_shared<FileStats>()},
      pid_(::getpid()),
      info_(InfoOf(*folder_, options)) {
  if (options.sync != FileSync::kInterval) return;
  syncer_ = std::make_unique<IntervalSyncer>(options.sync_interval, [this] {
    for (const auto& log : Logs()) {
      // A failure is counted, and the next write of the group meets it before anything else.
      if (!log->Sync(Deadline::After(kQuietBound))) ++settings_.stats->failed_syncs;
    }
  });
}

FileStore::~FileStore() {
  if (::getpid() != pid_) {
    // The thread is the parent's, and so is the file: neither may be waited for or written here.
    static_cast<void>(syncer_.release());
    return;
  }
  if (!closed_) static_cast<void>(Close(Deadline::After(kQuietBound)).has_value());
}

Status FileStore::CheckUsable() const {
  Error error = MakeError(ErrorCode::kUnavailable, "the store is closed");
  error.retry = Retry::kNever;
  if (::getpid() != pid_) {
    error.message = "this process is a fork of the one that opened the store; open it again here";
    return error;
  }
  if (closed_) return error;
  return {};
}

Answers<offsetstore::Read> FileStore::Fetch(std::string_view group,
                                            const Selection& selection,
                                            Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckUsable());
  const auto log = LogOf(group, deadline);
  std::vector<offsetstore::Read> reads;
  OS_RETURN_IF_ERROR(
      log->Read([&](const RecordMap& records) { reads = Select(records, selection); }));
  return reads;
}

Result<std::optional<Error>> FileStore::Write(std::string_view group,
                                              const GroupLog::Decide& decide,
                                              const std::function<bool()>& has_fine,
                                              Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckUsable());
  const auto log = LogOf(group, deadline);
  OS_ASSIGN_OR_RETURN(const GroupLog::Written written, log->Write(decide, deadline));
  if (written.in_doubt) return written.in_doubt;
  // A refusal acknowledges nothing. What was applied before is acknowledged again, so it waits too.
  if (!has_fine()) return std::optional<Error>();
  auto settled = log->Settle(written.target, deadline);
  return settled ? std::optional<Error>() : std::optional<Error>(std::move(settled).error());
}

Answers<Outcome> FileStore::WriteOutcomes(
    std::string_view group,
    const std::function<GroupLog::Changes(const RecordMap&, std::vector<Outcome>*)>& decide,
    Deadline deadline) {
  std::vector<Outcome> outcomes;
  OS_ASSIGN_OR_RETURN(const std::optional<Error> in_doubt,
                      Write(
                          group,
                          [&](const RecordMap& records) {
                            outcomes.clear();
                            return decide(records, &outcomes);
                          },
                          [&] { return AnyFine(outcomes); },
                          deadline));
  if (in_doubt) {
    for (Outcome& outcome : outcomes) FailFine(outcome, *in_doubt);
  }
  return outcomes;
}

Answers<ClaimAnswer> FileStore::Claim(std::string_view group,
                                      std::span<const ClaimRequest> requests,
                                      const Owner& by,
                                      Deadline deadline) {
  std::vector<ClaimAnswer> answers;
  if (requests.empty()) return answers;
  const auto decide = [&](const RecordMap& records) {
    answers.clear();
    return DecideClaims(records, requests, by, &answers);
  };
  const auto has_fine = [&] {
    return std::any_of(
        answers.begin(), answers.end(), [](const auto& one) { return one.outcome.Ok(); });
  };
  OS_ASSIGN_OR_RETURN(const std::optional<Error> in_doubt,
                      Write(group, decide, has_fine, deadline));
  if (in_doubt) {
    for (ClaimAnswer& answer : answers) FailFine(answer.outcome, *in_doubt);
  }
  return answers;
}

Answers<Outcome> FileStore::Commit(std::string_view group,
                                   std::span<const Move> moves,
                                   const Owner& by,
                                   Atomicity atomicity,
                                   Deadline deadline) {
  if (moves.empty()) return std::vector<Outcome>();
  return WriteOutcomes(
      group,
      [&](const RecordMap& records, std::vector<Outcome>* outcomes) {
        BatchDecision batch = DecideMoves(records, moves, by, atomicity);
        *outcomes = std::move(batch.outcomes);
        return std::move(batch.changes);
      },
      deadline);
}

Answers<Outcome> FileStore::Release(std::string_view group,
                                    std::span<const Claimed> claims,
                                    Deadline deadline) {
  if (claims.empty()) return std::vector<Outcome>();
  return WriteOutcomes(
      group,
      [&](const RecordMap& records, std::vector<Outcome>* outcomes) {
        Staged staged(records);
        for (const Claimed& claim : claims) {
          Decision decision = DecideRelease(staged.At(claim.at), claim);
          outcomes->push_back(std::move(decision.outcome));
          staged.Put(claim.at, decision.next);
        }
        return std::move(staged).Take();
      },
      deadline);
}

Answers<Outcome> FileStore::Remove(std::string_view group,
                                   std::span<const Removal> removals,
                                   const Owner& by,
                                   Deadline deadline) {
  if (removals.empty()) return std::vector<Outcome>();
  return WriteOutcomes(
      group,
      [&](const RecordMap& records, std::vector<Outcome>* outcomes) {
        Staged staged(records);
        for (const Removal& removal : removals) {
          Decision decision = DecideRemoval(staged.At(removal.at), removal, by);
          outcomes->push_back(std::move(decision.outcome));
          staged.Put(removal.at, decision.next);
        }
        return std::move(staged).Take();
      },
      deadline);
}

Status FileStore::Close(Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckUsable());
  closed_ = true;
  syncer_.reset();
  Status first;
  for (const auto& log : Logs()) {
    auto finished = log->Finish(deadline);
    if (!finished && first) first = std::move(finished);
  }
  const std::lock_guard lock(mutex_);
  logs_.clear();
  return first;
}

std::vector<std::shared_ptr<GroupLog>> FileStore::Logs() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<GroupLog>> logs;
  logs.reserve(logs_.size());
  for (const auto& [group, open] : logs_) logs.push_back(open.log);
  return logs;
}

std::shared_ptr<GroupLog> FileStore::LogOf(std::string_view group, Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = logs_.find(group);
    if (found != logs_.end()) {
      found->second.used = ++uses_;
      return found->second.log;
    }
  }
  MakeRoom(deadline);
  const std::lock_guard lock(mutex_);
  OpenLog& open = logs_[std::string(group)];
  if (!open.log) open.log = std::make_shared<GroupLog>(folder_, group, settings_);
  open.used = ++uses_;
  return open.log;
}

// Closes the log that was used longest ago, of those that no call is using.
void FileStore::MakeRoom(Deadline deadline) {
  std::shared_ptr<GroupLog> idle;
  std::string group;
  {
    const std::lock_guard lock(mutex_);
    if (logs_.size() < max_open_groups_) return;
    std::uint64_t oldest = uses_ + 1;
    for (const auto& [name, open] : logs_) {
      if (open.used >= oldest || open.log.use_count() > 1) continue;
      oldest = open.used;
      idle = open.log;
      group = name;
    }
  }
  if (!idle) return;
  // It stays in the map while it syncs, and for good where that fails: it knows that it failed.
  if (!idle->Sync(deadline)) return;
  const std::lock_guard lock(mutex_);
  const auto found = logs_.find(group);
  if (found != logs_.end() && found->second.log == idle && idle.use_count() == 2) {
    logs_.erase(found);
  }
}

Result<GroupPage> FileStore::ListGroups(const PageRequest& page, Deadline deadline) {
  OS_RETURN_IF_ERROR(CheckUsable());
  OS_ASSIGN_OR_RETURN(const std::vector<std::string> groups, GroupsFrom(*folder_, page.after));
  GroupPage found;
  for (const std::string& group : groups) {
    if (deadline.Passed()) {
      return MakeError(ErrorCode::kDeadlineExceeded, "listing the groups took too long");
    }
    if (!IsListed(folder_, group)) continue;
    if (found.groups.size() == std::max<std::size_t>(page.limit, 1)) {
      found.last = false;
      // The least name above the last one shown; a bare name would not get past the empty group.
      found.next = found.groups.back() + '\0';
      break;
    }
    found.groups.push_back(group);
  }
  return found;
}

Result<std::unique_ptr<OffsetStore>> OpenFileStoreOn(FileSystem& fs,
                                                     const FileOptions& options,
                                                     Deadline deadline) {
  OS_ASSIGN_OR_RETURN(auto folder, Folder::Open(fs, options, Folder::Missing::kCreate, deadline));
  return std::unique_ptr<OffsetStore>(std::make_unique<FileStore>(std::move(folder), options));
}

}  // namespace offsetstore::internal

namespace offsetstore {

Result<std::unique_ptr<OffsetStore>> OpenFileStore(const FileOptions& options, Deadline deadline) {
  return internal::OpenFileStoreOn(internal::KernelFileSystem(), options, deadline);
}

}  // namespace offsetstore
