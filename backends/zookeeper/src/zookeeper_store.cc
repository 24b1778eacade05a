// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.h"
#include "group_list.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "names.h"
#include "offsetstore/backends/zookeeper.h"
#include "reader.h"
#include "root.h"
#include "state_cache.h"
#include "writer.h"

namespace offsetstore {
namespace {

using internal::Decision;
using zookeeper::GroupPaths;
using zookeeper::LeafRule;
using zookeeper::PartitionState;
using zookeeper::Session;
using zookeeper::Written;

constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestMetadata = std::size_t{64} << 10U;
constexpr std::size_t kLargestBatch = zookeeper::kMostSteps / zookeeper::kStepsEach;

StoreInfo MakeInfo(const zookeeper::Client& client, std::string store_id) {
  StoreInfo info;
  info.scheme = "zookeeper";
  info.endpoint = client.hosts() + client.root();
  info.store_id = std::move(store_id);
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = false,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kText,
                 .topic_bytes = kLongestName,
                 .group_bytes = kLongestName,
                 .metadata_bytes = kLongestMetadata,
                 .atomic_batch = kLargestBatch};
  info.durability = Durability::kPowerLoss;
  info.durability_note =
      "ZooKeeper syncs its log before it answers, unless its administrator set forceSync=no; a "
      "client cannot ask. An ensemble also survives the loss of a minority of its servers, which "
      "cannot be told from a single server either.";
  return info;
}

template <class Request>
std::vector<TopicPartition> Places(std::span<const Request> requests) {
  std::vector<TopicPartition> places;
  places.reserve(requests.size());
  for (const Request& request : requests) places.push_back(request.at);
  return places;
}

std::vector<Outcome> Outcomes(std::vector<Written> written) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(written.size());
  for (Written& one : written) outcomes.push_back(std::move(one.decision.outcome));
  return outcomes;
}

std::string Shown(const std::optional<Position>& position) {
  return position ? std::to_string(position->value()) : "none";
}

std::string Shown(const zookeeper::LeafMark& mark) {
  const auto* at = std::get_if<zookeeper::LeafAt>(&mark);
  return at == nullptr ? "no node" : "zxid " + std::to_string(at->zxid);
}

/// Somebody else writes the same positions without claims: neither may overwrite the other.
Decision MixedGroup(const TopicPartition& at, const PartitionState& state) {
  Outcome outcome{
      .at = at, .code = OutcomeCode::kConflict, .holder = {}, .conflict = {}, .error = {}};
  outcome.conflict.emplace();
  std::optional<Position> found;
  if (state.record.entry) {
    outcome.conflict->stored = *state.record.entry;
    found = state.record.entry->position;
  }
  outcome.conflict->expected = state.written ? From(*state.written) : From(Absent{});
  const std::string leaf =
      state.leaf_version ? "zxid " + std::to_string(state.leaf_zxid) : "no node";
  outcome.conflict->advice = "mixed group: another program changed the position from " +
                             Shown(state.written) + " (" + Shown(state.mark) + ") to " +
                             Shown(found) + " (" + leaf +
                             ") while it was claimed here; stop one of the two (a consumer of "
                             "Kafka 0.8?), then claim again to go on from what is stored";
  return {std::move(outcome), {}};
}

Decision DecideMove(const PartitionState& state, const Move& move, const Owner& by) {
  Decision decision = internal::DecideMove(state.record, move, by);
  const bool holds = decision.outcome.code != OutcomeCode::kFenced;
  if (state.outside && move.claim && holds) return MixedGroup(move.at, state);
  return decision;
}

class ZooKeeperStore final : public OffsetStore {
 public:
  ZooKeeperStore(StoreInfo info, std::unique_ptr<zookeeper::Client> client)
      : info_(std::move(info)), client_(std::move(client)) {}
  ZooKeeperStore(const ZooKeeperStore&) = delete;
  ZooKeeperStore& operator=(const ZooKeeperStore&) = delete;
  ~ZooKeeperStore() override;

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
  [[nodiscard]] Result<std::shared_ptr<Session>> Connected(Deadline deadline);
  [[nodiscard]] zookeeper::Writer MakeWriter(const Session& session, const GroupPaths& paths) {
    return {session, cache_, paths, client_->creator_all()};
  }

  StoreInfo info_;
  pid_t pid_ = ::getpid();
  std::unique_ptr<zookeeper::Client> client_;
  zookeeper::StateCache cache_;
};

ZooKeeperStore::~ZooKeeperStore() {
  // The client's threads do not exist in the child of a fork: nothing there would answer.
  if (::getpid() != pid_) static_cast<void>(client_.release());
}

Result<std::shared_ptr<Session>> ZooKeeperStore::Connected(Deadline deadline) {
  if (::getpid() != pid_) {
    return MakeError(ErrorCode::kUnsupported,
                     "the store was opened before fork() and cannot be used in the child; open it "
                     "only after fork()");
  }
  return client_->Connected(deadline);
}

Result<GroupPage> ZooKeeperStore::ListGroups(const PageRequest& page, Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  return zookeeper::ListGroups(*session, client_->root(), page, deadline);
}

Answers<Read> ZooKeeperStore::Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  const GroupPaths paths(client_->root(), group);
  return zookeeper::Reader(*session, cache_, paths, deadline).Fetch(selection);
}

// The version of a leaf that is there is part of the claim's transaction. That one is missing
// cannot be: so it is looked for after the claim. Where another claim came since, it may be that
// owner's: then the answer stays what this claim knew.
void LookForLeaves(const Session& session,
                   zookeeper::StateCache& cache,
                   const GroupPaths& paths,
                   std::span<ClaimAnswer* const> without,
                   Deadline deadline) {
  if (without.empty()) return;
  std::vector<TopicPartition> places;
  places.reserve(without.size());
  for (const ClaimAnswer* answer : without) places.push_back(answer->outcome.at);
  std::vector<PartitionState> states =
      zookeeper::Reader(session, cache, paths, deadline).States(places);
  for (std::size_t n = 0; n < without.size(); ++n) {
    ClaimAnswer& answer = *without[n];
    PartitionState& now = states[n];
    const bool ours = now.record.claim && now.record.claim->token == answer.token;
    if (now.unreadable) answer.slot = *std::move(now.unreadable);
    if (!now.unreadable && ours && now.record.entry) answer.slot = *std::move(now.record.entry);
  }
}

Answers<ClaimAnswer> ZooKeeperStore::Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  const GroupPaths paths(client_->root(), group);
  const auto decide = [&](std::size_t index, const PartitionState& state) {
    return internal::DecideClaim(state.record, requests[index], by);
  };
  OS_ASSIGN_OR_RETURN(
      std::vector<Written> written,
      MakeWriter(*session, paths)
          .Run(Places(requests), LeafRule::kAdopt, Atomicity::kEach, decide, deadline));
  std::vector<ClaimAnswer> answers;
  std::vector<ClaimAnswer*> without;
  answers.reserve(written.size());
  for (Written& one : written) {
    answers.push_back(internal::ToClaimAnswer(std::move(one.decision), one.before.record));
    const bool unsure = answers.back().outcome.Ok() && !one.before.leaf_version;
    if (unsure) without.push_back(&answers.back());
  }
  LookForLeaves(*session, cache_, paths, without, deadline);
  return answers;
}

Answers<Outcome> ZooKeeperStore::Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  const GroupPaths paths(client_->root(), group);
  const auto decide = [&](std::size_t index, const PartitionState& state) {
    return DecideMove(state, moves[index], by);
  };
  OS_ASSIGN_OR_RETURN(
      std::vector<Written> written,
      MakeWriter(*session, paths).Run(Places(moves), LeafRule::kMove, atomicity, decide, deadline));
  return Outcomes(std::move(written));
}

Answers<Outcome> ZooKeeperStore::Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  const GroupPaths paths(client_->root(), group);
  const auto decide = [&](std::size_t index, const PartitionState& state) {
    return internal::DecideRelease(state.record, claims[index]);
  };
  OS_ASSIGN_OR_RETURN(
      std::vector<Written> written,
      MakeWriter(*session, paths)
          .Run(Places(claims), LeafRule::kKeep, Atomicity::kEach, decide, deadline));
  return Outcomes(std::move(written));
}

Answers<Outcome> ZooKeeperStore::Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Connected(deadline));
  const GroupPaths paths(client_->root(), group);
  const auto decide = [&](std::size_t index, const PartitionState& state) {
    return internal::DecideRemoval(state.record, removals[index], by);
  };
  OS_ASSIGN_OR_RETURN(
      std::vector<Written> written,
      MakeWriter(*session, paths)
          .Run(Places(removals), LeafRule::kRemove, Atomicity::kEach, decide, deadline));
  return Outcomes(std::move(written));
}

Status ZooKeeperStore::Close(Deadline deadline) {
  if (::getpid() != pid_) return {};
  return client_->Close(deadline);
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenZooKeeperStore(const ZooKeeperOptions& options,
                                                        Deadline deadline) {
  auto client = std::make_unique<zookeeper::Client>(options);
  OS_ASSIGN_OR_RETURN(std::string store_id, zookeeper::OpenRoot(*client, options.create, deadline));
  StoreInfo info = MakeInfo(*client, std::move(store_id));
  return std::unique_ptr<OffsetStore>(
      std::make_unique<ZooKeeperStore>(std::move(info), std::move(client)));
}

}  // namespace offsetstore
