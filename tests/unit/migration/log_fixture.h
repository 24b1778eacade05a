// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offsetstore/backends/memory.h"
#include "offsetstore/migration/group_watch.h"
#include "offsetstore/migration/log_view.h"
#include "offsetstore/migration/time_view.h"

namespace offsetstore::testing {

inline Deadline Soon() {
  return Deadline::After(std::chrono::seconds(10));
}

/// A cluster of topics as the test has put them together.
class FakeCluster final : public migration::LogView,
                          public migration::TimeView,
                          public migration::GroupWatch {
 public:
  void Put(const TopicPartition& at, std::int64_t start, std::int64_t end) {
    topics[at.topic].insert_or_assign(at.partition,
                                      migration::LogRange{Position(start), Position(end)});
  }

  Result<std::optional<Ranges>> Topic(const std::string& topic, Deadline /*deadline*/) override {
    ++topic_calls;
    if (error) return *error;
    const auto found = topics.find(topic);
    if (found == topics.end()) return std::optional<Ranges>();
    return std::optional<Ranges>(found->second);
  }
  std::vector<Result<Position>> PositionsAt(std::span<const TopicPartition> partitions,
                                            Time time,
                                            Deadline /*deadline*/) override {
    std::vector<Result<Position>> positions;
    for (const TopicPartition& at : partitions) {
      asked_time = time;
      positions.push_back(by_time.at(at));
    }
    return positions;
  }
  Result<std::vector<Result<migration::Liveness>>> Look(std::span<const std::string> groups,
                                                        Deadline /*deadline*/) override {
    std::vector<Result<migration::Liveness>> answers;
    for (const std::string& group : groups) {
      const auto found = live.find(group);
      migration::Liveness liveness;
      if (found != live.end()) liveness = {true, found->second};
      answers.emplace_back(liveness);
    }
    return answers;
  }

  std::map<std::string, Ranges> topics;
  std::map<TopicPartition, Result<Position>> by_time;
  std::map<std::string, std::string> live;  ///< Group to evidence.
  std::optional<Error> error;
  Time asked_time{};
  int topic_calls = 0;
};

/// A memory store that holds these positions.
inline std::unique_ptr<OffsetStore> StoreWith(
    const std::string& group, const std::map<TopicPartition, std::int64_t>& positions) {
  auto store = OpenMemoryStore({});
  REQUIRE(store);
  std::vector<Move> moves;
  for (const auto& [at, position] : positions) {
    Move move;
    move.at = at;
    move.to = Position(position);
    move.kind = Kind::kSet;
    move.expect = Any{};
    moves.push_back(move);
  }
  const auto outcomes = (*store)->Commit(
      group, moves, ThisProcess(Owner::Kind::kOperator, "test"), Atomicity::kEach, Soon());
  REQUIRE(outcomes);
  for (const Outcome& outcome : *outcomes) REQUIRE(outcome.Ok());
  return *std::move(store);
}

}  // namespace offsetstore::testing
