// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "internal/rules.h"
#include "memory_world.h"
#include "offsetstore/backends/memory.h"

namespace offsetstore {
namespace {

constexpr std::size_t kLongestName = std::size_t{1} << 20U;
constexpr std::size_t kLargestBatch = 100'000;

StoreInfo MakeInfo(const MemoryOptions& options) {
  StoreInfo info;
  info.scheme = "memory";
  info.endpoint = "this process";
  info.store_id = options.world->store_id;
  info.space = options.space;
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = false,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kAny,
                 .topic_bytes = kLongestName,
                 .group_bytes = kLongestName,
                 .metadata_bytes = kLongestName,
                 .atomic_batch = kLargestBatch};
  info.durability = Durability::kProcess;
  info.ends_with_process = true;
  info.durability_note = "Everything is gone with the process.";
  return info;
}

class MemoryStore final : public OffsetStore {
 public:
  explicit MemoryStore(MemoryOptions options)
      : world_(std::move(options.world)), info_(MakeInfo({options.space, world_})) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override;
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override;
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override;
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override;
  [[nodiscard]] Status Close(Deadline deadline) override;

 private:
  [[nodiscard]] Result<MemoryTurn> Enter(Deadline deadline);
  [[nodiscard]] MemoryWorld::Key Key(std::string_view group) const {
    return {info_.space, std::string(group)};
  }
  /// The group's records for reading; never creates the group.
  [[nodiscard]] const internal::RecordMap& Records(std::string_view group) const;
  void Apply(std::string_view group, const TopicPartition& at, internal::Record next);

  /// Shared by every store that the application opened on the same world.
  std::shared_ptr<MemoryWorld> world_;
  StoreInfo info_;
};

Result<MemoryTurn> MemoryStore::Enter(Deadline deadline) {
  if (world_->Enter(deadline)) return MemoryTurn(*world_);
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "another call kept the store busy until the deadline");
}

const internal::RecordMap& MemoryStore::Records(std::string_view group) const {
  static const internal::RecordMap none;
  const auto found = world_->groups.find(Key(group));
  return found == world_->groups.end() ? none : found->second;
}

void MemoryStore::Apply(std::string_view group, const TopicPartition& at, internal::Record next) {
  world_->groups[Key(group)].insert_or_assign(at, std::move(next));
}

bool HasPosition(const internal::RecordMap& records) {
  for (const auto& [at, record] : records) {
    if (record.entry) return true;
  }
  return false;
}

// A page ends at a group name, and any bytes are a name, also none at all. The mark keeps the
// place after the empty name apart from the start.
constexpr char kAfter = '>';

Result<GroupPage> MemoryStore::ListGroups(const PageRequest& page, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  auto at = page.after.empty() ? world_->groups.lower_bound(Key(""))
                               : world_->groups.upper_bound(Key(page.after.substr(1)));
  GroupPage answer;
  for (; at != world_->groups.end() && at->first.first == info_.space; ++at) {
    if (!HasPosition(at->second)) continue;
    if (answer.groups.size() == page.limit) {
      answer.next = kAfter + answer.groups.back();
      answer.last = false;
      break;
    }
    answer.groups.push_back(at->first.second);
  }
  return answer;
}

Answers<Read> MemoryStore::Fetch(std::string_view group,
                                 const Selection& selection,
                                 Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  return internal::Select(Records(group), selection);
}

Answers<ClaimAnswer> MemoryStore::Claim(std::string_view group,
                                        std::span<const ClaimRequest> requests,
                                        const Owner& by,
                                        Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  std::vector<ClaimAnswer> answers;
  answers.reserve(requests.size());
  for (const ClaimRequest& request : requests) {
    const internal::Record before = internal::Lookup(Records(group), request.at);
    internal::Decision decision = internal::DecideClaim(before, request, by);
    if (decision.next) Apply(group, request.at, *decision.next);
    answers.push_back(internal::ToClaimAnswer(std::move(decision), before));
  }
  return answers;
}

Answers<Outcome> MemoryStore::Commit(std::string_view group,
                                     std::span<const Move> moves,
                                     const Owner& by,
                                     Atomicity atomicity,
                                     Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  auto [outcomes, changes] = internal::DecideMoves(Records(group), moves, by, atomicity);
  for (auto& [at, next] : changes) Apply(group, at, std::move(next));
  return std::move(outcomes);
}

Answers<Outcome> MemoryStore::Release(std::string_view group,
                                      std::span<const Claimed> claims,
                                      Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  std::vector<Outcome> outcomes;
  outcomes.reserve(claims.size());
  for (const Claimed& claim : claims) {
    auto [outcome, next] =
        internal::DecideRelease(internal::Lookup(Records(group), claim.at), claim);
    if (next) Apply(group, claim.at, *std::move(next));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Answers<Outcome> MemoryStore::Remove(std::string_view group,
                                     std::span<const Removal> removals,
                                     const Owner& by,
                                     Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const MemoryTurn turn, Enter(deadline));
  std::vector<Outcome> outcomes;
  outcomes.reserve(removals.size());
  for (const Removal& removal : removals) {
    auto [outcome, next] =
        internal::DecideRemoval(internal::Lookup(Records(group), removal.at), removal, by);
    if (next) Apply(group, removal.at, *std::move(next));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

// Nothing is buffered and the world may have other users; the context layer refuses later calls.
Status MemoryStore::Close(Deadline /*deadline*/) {
  return {};
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenMemoryStore(MemoryOptions options) {
  if (options.world == nullptr) options.world = NewMemoryWorld();
  return std::unique_ptr<OffsetStore>(std::make_unique<MemoryStore>(std::move(options)));
}

Status RegisterMemoryBackend(BackendRegistry& registry) {
  BackendInfo backend;
  backend.name = "memory";
  backend.schemes = {"memory"};
  backend.summary = "positions in this process, gone with it: for tests and for trying things out";
  backend.example = "memory:";
  backend.open = [](const Uri& uri, Deadline) -> Result<std::unique_ptr<OffsetStore>> {
    OS_ASSIGN_OR_RETURN(MemoryOptions options, MemoryOptions::FromUri(uri));
    return OpenMemoryStore(std::move(options));
  };
  return registry.Add(std::move(backend));
}

}  // namespace offsetstore
