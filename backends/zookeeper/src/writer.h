// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "client.h"
#include "internal/rules.h"
#include "names.h"
#include "offsetstore/store.h"
#include "parents.h"
#include "partition_state.h"
#include "state_cache.h"
#include "transaction.h"

namespace offsetstore::zookeeper {

/// What a write did to one partition.
struct Written {
  internal::Decision decision;  ///< Its outcome is the answer.
  PartitionState before;        ///< What it was decided on.
};

/// One write call: looks at every partition, decides by the rules, and writes both nodes in
/// transactions that name the versions seen. What changed in between is looked at again, until the
/// deadline.
class Writer {
 public:
  using Decide = std::function<internal::Decision(std::size_t index, const PartitionState& state)>;

  Writer(const Session& session, StateCache& cache, const GroupPaths& paths, bool creator_all)
      : session_(session),
        cache_(cache),
        paths_(paths),
        creator_all_(creator_all),
        parents_(session, cache, paths_, creator_all) {}

  /// One answer per partition, in order. `Unsupported` as a whole: more bytes than one transaction
  /// takes.
  [[nodiscard]] Answers<Written> Run(std::vector<TopicPartition> partitions,
                                     LeafRule rule,
                                     Atomicity atomicity,
                                     const Decide& decide,
                                     Deadline deadline);

 private:
  struct Job {
    TopicPartition at;
    Written written;
    bool fresh = false;         ///< `written.before` was read in this call, after the last refusal.
    bool known = false;         ///< There is a `written.before`.
    bool open = true;           ///< No answer yet.
    int refusals = 0;           ///< Transactions that failed on changed versions.
    std::optional<Nonce> gone;  ///< The incarnation whose node was not there.
  };
  using Jobs = std::vector<Job>;
  /// Jobs of one transaction.
  struct Chunk {
    std::vector<std::size_t> jobs;
    std::vector<std::size_t> first_step;  ///< Of each job, and the end.
    Request request;
    std::size_t bytes = 0;
  };

  [[nodiscard]] std::vector<std::size_t> Open() const;
  void Look(const std::vector<std::size_t>& jobs, Deadline deadline);
  void DecideAll(const Decide& decide, Deadline deadline);
  void DecideOne(std::size_t index, const Decide& decide);
  [[nodiscard]] bool RefuseUnlessAll();
  void MakeParents(Deadline deadline);
  [[nodiscard]] std::vector<Step> StepsOf(const Job& job) const;
  [[nodiscard]] std::vector<Chunk> Chunks();
  void Add(std::size_t index, std::vector<Step> steps, Chunk& chunk) const;
  void CloseAnswered();
  void Send(std::vector<Chunk>& chunks, Deadline deadline);
  void Settle(const Chunk& chunk, const Reply& reply, Deadline deadline);
  void SettleApplied(const Chunk& chunk);
  void SettleRefused(const Chunk& chunk, const Reply& reply, Deadline deadline);
  void SettleMissing(Job& job, const std::string& path);
  void Fail(Job& job, Error error);
  void GiveUp();

  const Session& session_;
  StateCache& cache_;
  const GroupPaths& paths_;
  bool creator_all_;
  Parents parents_;
  Nonce fresh_ = Nonce::Random();  ///< The incarnation of nodes that this call makes.
  LeafRule rule_ = LeafRule::kMove;
  Atomicity atomicity_ = Atomicity::kEach;
  Jobs jobs_;
};

}  // namespace offsetstore::zookeeper
