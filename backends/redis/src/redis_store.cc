// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "claimed_commit.h"
#include "compare_and_set.h"
#include "group_read.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "layout.h"
#include "offsetstore/backends/redis.h"
#include "pool.h"
#include "script_batch.h"

namespace offsetstore {
namespace {

using redis::Decided;
using redis::Layout;
using redis::Link;
using redis::Pool;

constexpr std::size_t kLongestName = std::size_t{64} << 10U;
constexpr std::size_t kLongestMetadata = std::size_t{1} << 20U;
/// One script call; the server answers nobody else meanwhile.
constexpr std::size_t kLargestBatch = 50'000;

StoreInfo MakeInfo(const RedisOptions& options, const Layout& layout, const Link& link) {
  StoreInfo info;
  info.scheme = "redis";
  info.endpoint = link.connection->endpoint();
  info.store_id = layout.store_id;
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
                 .metadata_bytes = kLongestMetadata,
                 .atomic_batch = kLargestBatch};
  info.durability = link.durability.level;
  info.durability_note = link.durability.note;
  return info;
}

template <class Request>
std::vector<TopicPartition> PartitionsOf(std::span<const Request> requests) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(requests.size());
  for (const Request& request : requests) partitions.push_back(request.at);
  return partitions;
}

bool IsClaimed(const Move& move) {
  return move.claim && move.kind != Kind::kSet;
}

class RedisStore final : public OffsetStore {
 public:
  RedisStore(StoreInfo info, const RedisOptions& options, Layout layout, std::unique_ptr<Pool> pool)
      : info_(std::move(info)),
        layout_(std::move(layout)),
        promise_{info_.durability, options.replicas, options.replicas_timeout},
        pool_(std::move(pool)) {}

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }

  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    OS_ASSIGN_OR_RETURN(const Pool::Lease link, pool_->Take(deadline));
    return redis::ListPage(*link, layout_, page, deadline);
  }

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    OS_ASSIGN_OR_RETURN(const Pool::Lease link, pool_->Take(deadline));
    return redis::FetchGroup(*link, layout_, group, selection, deadline);
  }

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
  [[nodiscard]] Status Close(Deadline /*deadline*/) override {
    // Nothing is kept back, so there is nothing to wait for.
    if (pool_->Close()) return {};
    return MakeError(ErrorCode::kUnavailable, "the store is closed");
  }

 private:
  /// A link to a primary.
  [[nodiscard]] Result<Pool::Lease> TakeForWrite(Deadline deadline);

  [[nodiscard]] Answers<Decided> Change(std::string_view group,
                                        std::span<const TopicPartition> partitions,
                                        const redis::Decide& decide,
                                        Atomicity atomicity,
                                        Deadline deadline);
  /// `Change` one by one, for those that need no more than outcomes.
  template <class Request, class Rule>
  [[nodiscard]] Answers<Outcome> ChangeEach(std::string_view group,
                                            std::span<const Request> requests,
                                            Rule rule,
                                            Atomicity atomicity,
                                            Deadline deadline);

  StoreInfo info_;
  Layout layout_;
  redis::WritePromise promise_;
  std::unique_ptr<Pool> pool_;
};

Result<Pool::Lease> RedisStore::TakeForWrite(Deadline deadline) {
  OS_ASSIGN_OR_RETURN(Pool::Lease link, pool_->Take(deadline));
  if (redis::IsReplica(link->facts)) {
    // A replica that takes writes (replica-read-only no) would lose them at its next sync.
    return MakeError(ErrorCode::kUnavailable,
                     info_.endpoint + ": the server is a replica of " +
                         Printable(link->facts.primary) +
                         "; only a primary takes writes, and nothing was sent");
  }
  return link;
}

Answers<Decided> RedisStore::Change(std::string_view group,
                                    std::span<const TopicPartition> partitions,
                                    const redis::Decide& decide,
                                    Atomicity atomicity,
                                    Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const Pool::Lease link, TakeForWrite(deadline));
  return redis::CompareAndSet(
      *link, layout_, promise_, group, partitions, decide, atomicity, deadline);
}

template <class Request, class Rule>
Answers<Outcome> RedisStore::ChangeEach(std::string_view group,
                                        std::span<const Request> requests,
                                        Rule rule,
                                        Atomicity atomicity,
                                        Deadline deadline) {
  const auto decide = [&](std::size_t i, const internal::Record& record) {
    return rule(record, requests[i]);
  };
  OS_ASSIGN_OR_RETURN(std::vector<Decided> decided,
                      Change(group, PartitionsOf(requests), decide, atomicity, deadline));
  std::vector<Outcome> outcomes;
  outcomes.reserve(decided.size());
  for (Decided& one : decided) outcomes.push_back(std::move(one.decision.outcome));
  return outcomes;
}

Answers<ClaimAnswer> RedisStore::Claim(std::string_view group,
                                       std::span<const ClaimRequest> requests,
                                       const Owner& by,
                                       Deadline deadline) {
  const auto decide = [&](std::size_t i, const internal::Record& record) {
    return internal::DecideClaim(record, requests[i], by);
  };
  OS_ASSIGN_OR_RETURN(std::vector<Decided> decided,
                      Change(group, PartitionsOf(requests), decide, Atomicity::kEach, deadline));
  std::vector<ClaimAnswer> answers;
  answers.reserve(decided.size());
  for (Decided& one : decided) {
    answers.push_back(internal::ToClaimAnswer(std::move(one.decision), one.before));
  }
  return answers;
}

Answers<Outcome> RedisStore::Commit(std::string_view group,
                                    std::span<const Move> moves,
                                    const Owner& by,
                                    Atomicity atomicity,
                                    Deadline deadline) {
  if (!std::all_of(moves.begin(), moves.end(), IsClaimed)) {
    const auto rule = [&by](const internal::Record& record, const Move& move) {
      return internal::DecideMove(record, move, by);
    };
    return ChangeEach(group, moves, rule, atomicity, deadline);
  }
  OS_ASSIGN_OR_RETURN(const Pool::Lease link, TakeForWrite(deadline));
  return redis::CommitClaimed(*link, layout_, promise_, group, moves, by, atomicity, deadline);
}

Answers<Outcome> RedisStore::Release(std::string_view group,
                                     std::span<const Claimed> claims,
                                     Deadline deadline) {
  return ChangeEach(group, claims, internal::DecideRelease, Atomicity::kEach, deadline);
}

Answers<Outcome> RedisStore::Remove(std::string_view group,
                                    std::span<const Removal> removals,
                                    const Owner& by,
                                    Deadline deadline) {
  const auto rule = [&by](const internal::Record& record, const Removal& removal) {
    return internal::DecideRemoval(record, removal, by);
  };
  return ChangeEach(group, removals, rule, Atomicity::kEach, deadline);
}

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenRedisStore(const RedisOptions& options,
                                                    Deadline deadline) {
  auto pool = std::make_unique<Pool>(options);
  StoreInfo info;
  Result<Layout> layout = MakeError(ErrorCode::kInternal, "not looked for");
  {
    OS_ASSIGN_OR_RETURN(const Pool::Lease link, pool->Take(deadline));
    layout = redis::FindStore(*link, options, deadline);
    if (!layout) return std::move(layout).error();
    info = MakeInfo(options, *layout, *link);
  }
  return std::unique_ptr<OffsetStore>(
      std::make_unique<RedisStore>(std::move(info), options, *std::move(layout), std::move(pool)));
}

}  // namespace offsetstore
