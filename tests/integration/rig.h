// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the consumer on a real Kafka share: a topic of their own, a consumer in a
// thread, and what it saw.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "eventually.h"
#include "kafka_client.h"
#include "offsetstore/builtin.h"
#include "offsetstore/consumer.h"
#include "offsetstore/open.h"
#include "temp_dir.h"

namespace offsetstore::testing {

using Config = std::map<std::string, std::string>;

/// A new topic; its name is nobody else's.
class Topic {
 public:
  explicit Topic(int partitions);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] TopicPartition At(std::int32_t partition) const { return {name_, partition}; }
  /// The same number of records into each partition.
  void Fill(int records_each);
  void Grow(int partitions);
  /// Removes the records of one partition before `position`, as retention does.
  void DeleteBefore(const TopicPartition& at, std::int64_t position) const;

 private:
  std::string name_;
  int partitions_ = 0;
};

/// Keeps the events. Any thread.
class Recorder final : public Listener {
 public:
  void On(const Event& event) noexcept override;
  [[nodiscard]] std::vector<Event> All() const;
  [[nodiscard]] std::size_t Count(EventKind kind) const;
  /// The first of that kind; waits for it.
  [[nodiscard]] std::optional<Event> Wait(EventKind kind) const;
  /// All lines, for a failed test's message.
  [[nodiscard]] std::string Text() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

/// The smallest configuration; tests add the rest.
[[nodiscard]] Config Basic(const std::string& group,
                           const std::string& uri,
                           const std::string& brokers = KafkaBrokers());
[[nodiscard]] std::string FileUri(const TempDir& dir);
[[nodiscard]] std::string SqliteUri(const TempDir& dir);
/// The settings that make a killed or stopped member cost a test one second only.
[[nodiscard]] Config Grouped(Config config, const Topic& topic, const std::string& strategy = {});
[[nodiscard]] Properties ToProperties(const Config& config);
[[nodiscard]] std::string UniqueGroup();

/// Runs a consumer in a thread of its own until it is stopped or ends. Who owns what `run` uses
/// declares this last, so that it goes first.
class ConsumerThread {
 public:
  using Run = std::function<Status(Consumer&, std::stop_token)>;

  /// Throws where the consumer cannot be opened.
  ConsumerThread(const Config& config, Run run);
  ConsumerThread(const ConsumerThread&) = delete;
  ConsumerThread& operator=(const ConsumerThread&) = delete;
  ~ConsumerThread() = default;

  [[nodiscard]] Recorder& events() noexcept { return *recorder_; }
  [[nodiscard]] ConsumerState State() const { return consumer_->State(); }
  /// Asks for the end and waits; the answer of the run. Throws where it does not end.
  Status Stop();
  /// Waits for the end that comes by itself; none where it does not.
  [[nodiscard]] std::optional<Status> Ended();

 private:
  std::shared_ptr<Recorder> recorder_;  // shared with the consumer
  std::unique_ptr<Consumer> consumer_;
  std::mutex mutex_;
  std::optional<Status> ended_;  // guarded by mutex_
  std::jthread thread_;          // last: it uses all of the above
};

/// A consumer that runs in a thread of its own, and what it handled.
class Member {
 public:
  using Offsets = std::map<TopicPartition, std::vector<std::int64_t>>;

  /// Without `handler` every record is fine.
  explicit Member(const Config& config, Handler handler = {});
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member() = default;

  [[nodiscard]] Recorder& events() noexcept { return run_.events(); }
  [[nodiscard]] ConsumerState State() const { return run_.State(); }

  /// What was handled with success, in the order of each partition.
  [[nodiscard]] Offsets Handled() const;
  [[nodiscard]] std::size_t Count() const;
  [[nodiscard]] bool WaitForCount(std::size_t records) const;
  /// Every assigned partition is read to its end and committed.
  [[nodiscard]] bool WaitForEnd() const;
  /// Partitions that it holds and reads.
  [[nodiscard]] std::size_t Active() const;

  /// Asks for the end and waits; the answer of `Run`.
  Status Stop() { return run_.Stop(); }
  /// Waits for `Run` to end by itself; none where it does not.
  [[nodiscard]] std::optional<Status> Ended() { return run_.Ended(); }

 private:
  [[nodiscard]] Status Handle(const Handler& handler, Record& record);

  mutable std::mutex mutex_;
  Offsets handled_;        // guarded by mutex_
  std::size_t count_ = 0;  // guarded by mutex_
  ConsumerThread run_;
};

/// A store opened beside the consumer, as a tool does.
[[nodiscard]] std::unique_ptr<OffsetStore> OpenBeside(const std::string& uri);
/// The stored position of one partition; none = absent.
[[nodiscard]] std::optional<std::int64_t> Stored(OffsetStore& store,
                                                 const std::string& group,
                                                 const TopicPartition& at);
/// The operator's `set`.
[[nodiscard]] Outcome OperatorSet(OffsetStore& store,
                                  const std::string& group,
                                  const TopicPartition& at,
                                  std::int64_t position);
/// 0, 1, ..., count-1 from `first` on.
[[nodiscard]] std::vector<std::int64_t> Sequence(std::int64_t first, std::int64_t end);

}  // namespace offsetstore::testing
