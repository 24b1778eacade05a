// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A consumer that writes one result per record to another topic, exactly once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "committed_topic.h"
#include "rig.h"

namespace offsetstore::testing {

/// A topic of filled partitions, and one for the results.
struct Pipe {
  static constexpr int kRecords = 300;
  static constexpr int kOutputs = 2;
  explicit Pipe(int count);

  [[nodiscard]] std::uint64_t total() const {
    return static_cast<std::uint64_t>(partitions) * kRecords;
  }
  /// The configuration of a member; `id` is its `transactional.id`.
  [[nodiscard]] Config For(const std::string& id) const;
  /// As an independent reader sees it, from the beginning.
  [[nodiscard]] CommittedResults::Tally Results() const;
  /// Whether each record has one result; waits for it.
  [[nodiscard]] bool IsDoneOnce() const;
  /// The position of every partition of the group, summed up.
  [[nodiscard]] std::int64_t Positions() const;

  int partitions;
  Topic input;
  Topic output;
  std::string group = UniqueGroup();
};

/// One result per record.
[[nodiscard]] Status WriteResults(const Pipe& pipe,
                                  std::span<Record* const> records,
                                  Output& output);

/// Runs a consumer in a thread until it is stopped or ends.
class Piper {
 public:
  using Work = std::function<Status(std::span<Record* const>, Output&)>;

  /// Without `work` one result per record.
  Piper(const Pipe& pipe, const Config& config, Work work = {});
  Piper(const Piper&) = delete;
  Piper& operator=(const Piper&) = delete;
  ~Piper() = default;

  [[nodiscard]] Recorder& events() noexcept { return run_.events(); }
  [[nodiscard]] std::size_t Partitions() const { return run_.State().partitions.size(); }
  Status Stop() { return run_.Stop(); }
  [[nodiscard]] std::optional<Status> Ended() { return run_.Ended(); }

 private:
  ConsumerThread run_;
};

}  // namespace offsetstore::testing
