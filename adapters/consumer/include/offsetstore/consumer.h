// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "offsetstore/consumer_state.h"
#include "offsetstore/deadline.h"
#include "offsetstore/event.h"
#include "offsetstore/metrics.h"
#include "offsetstore/properties.h"
#include "offsetstore/registry.h"
#include "offsetstore/session.h"
#include "offsetstore/transaction.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// One Kafka record. The views live as long as the record.
struct Header {
  std::string_view name;
  std::optional<std::string_view> value;  ///< None: null.
};

class Record {
 public:
  Record() = default;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  virtual ~Record() = default;

  [[nodiscard]] virtual std::string_view topic() const noexcept = 0;
  [[nodiscard]] virtual std::int32_t partition() const noexcept = 0;
  [[nodiscard]] virtual std::int64_t offset() const noexcept = 0;
  [[nodiscard]] virtual std::optional<std::string_view> key() const noexcept = 0;  ///< None: null.
  [[nodiscard]] virtual std::optional<std::string_view> value()
      const noexcept = 0;  ///< None: null.
  [[nodiscard]] virtual std::optional<Time> timestamp() const noexcept = 0;
  [[nodiscard]] virtual std::vector<Header> headers() const = 0;
  /// Whether its partition is still held; a slow handler may look and give up.
  [[nodiscard]] virtual bool Held() const noexcept = 0;
  /// Processed: its position may be committed. For `Poll()`; `Run` calls it when the handler
  /// returned success. Any thread, wait-free. Destroyed without it, nothing is committed past it.
  virtual void Done() noexcept = 0;
};

/// Processes one record. Success commits it later; an error or an exception is handled by
/// `offsetstore.on.error`. Called on `offsetstore.workers` threads, in order per partition.
using Handler = std::function<Status(Record&)>;

/// Processes the records of one transaction, in order per partition, and writes its results on the
/// connection whose transaction is open. Must neither commit nor roll back.
using BatchHandler = std::function<Status(std::span<Record* const>)>;

/// Gives the positions on the caller's connection: `OpenSqliteTransactional(db, store, ...)`.
/// Called before the first batch, and at once after each that failed. To a server connect anew
/// then: the old connection may be lost, without use, or still in its transaction. What it throws,
/// and null, are errors that end the run.
using OpenTransactional = std::function<Result<std::unique_ptr<TransactionalPositions>>(
    const StoreInfo& store, const std::string& group, Deadline deadline)>;

/// One record to be written.
struct OutputRecord {
  std::string_view topic;
  std::optional<std::int32_t> partition = {};  ///< None: librdkafka's `partitioner` decides.
  std::optional<std::string_view> key = {};    ///< None: null.
  std::optional<std::string_view> value = {};  ///< None: null.
  std::span<const Header> headers = {};
  std::optional<Time> timestamp = {};  ///< None: now.
};

/// Where the results of a batch go: the transaction that moves its positions too.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// Queues a copy of the record; it is written until the transaction is committed. After an error
  /// the transaction is aborted, whatever the handler returns: `InvalidArgument` (no such topic or
  /// partition, too large), `PermissionDenied`, `Unavailable`. Blocks while librdkafka's queue is
  /// full, at most for `transaction.timeout.ms`.
  [[nodiscard]] virtual Status Produce(const OutputRecord& record) = 0;
};

/// Processes the records of one transaction, in order per partition, and writes its results to
/// `output`, which it must not keep.
using OutputHandler = std::function<Status(std::span<Record* const>, Output& output)>;

/// The poll style's answers.
struct Revoking {
  Partitions partitions;  ///< Finish their records: the drain ends at the next `Poll()`.
};
struct Nothing {};
struct AtEnd {
  TopicPartition at;  ///< Read to its end for now. Only with `enable.partition.eof=true`.
};
using Polled = std::variant<Nothing, std::unique_ptr<Record>, Revoking, AtEnd>;

struct ConsumerOptions {
  const BackendRegistry* registry =
      nullptr;                         ///< Must outlive the consumer; null = the built-in ones.
  std::shared_ptr<Listener> listener;  ///< Shared with whoever made it; null = silent.
  Metrics* metrics = nullptr;          ///< Must outlive the consumer; null = none.
  /// Bounds `Consumer::Open` as a whole. Each call in it is bounded by `offsetstore.store.timeout`.
  Deadline open_by = Deadline::After(Duration::max());
  /// `RunTransactions` ends by itself, as if it were stopped, when so many records are committed; 0
  /// = no limit. A batch whose COMMIT was in doubt does not count, although it may be committed.
  std::uint64_t max_records = 0;
};

/// A Kafka consumer that keeps its position in the store its configuration names, commits after
/// processing and restores on restart. `docs/configuration.md` lists the keys.
///
/// Threads: `Run` or `Poll`, from one thread; `State` from any.
class Consumer {
 public:
  /// Reads the properties, checks them, opens the store and the client. `ConfigInvalid` names file,
  /// line and what to write instead; store and broker errors as they come.
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> Open(const std::filesystem::path& file,
                                                              const ConsumerOptions& options = {});
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> Open(const Properties& properties,
                                                              const ConsumerOptions& options = {});

  Consumer() = default;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  /// Stops without a last commit; `Run` and `Close` make one.
  virtual ~Consumer() = default;

  /// Consumes at least once or at most once, as `offsetstore.delivery` says, until `stop` is
  /// requested (then drains, commits, leaves the group and returns success) or until an error it
  /// may not pass: a handler's (`offsetstore.on.error=stop`), a fence
  /// (`kFenced`), a position out of range, a store that refuses for good.
  [[nodiscard]] virtual Status Run(const Handler& handler, std::stop_token stop) = 0;

  /// Consumes exactly once (`offsetstore.delivery=exactly-once`): for each batch of records a
  /// transaction is begun on the caller's connection, `handler` writes its results, the positions
  /// move, and it is committed. Whatever fails in between, the transaction is rolled back and the
  /// same records come again from the stored position; a COMMIT without an answer is settled by
  /// what is stored. One batch at a time, on a thread of its own; `open` and `handler` run on it.
  ///
  /// Ends as `Run` does; a handler that ends the transaction itself ends the run
  /// (`InvalidArgument`). With `offsetstore.on.error=retry` a failed handler gets its records again
  /// after the pause. docs/exactly-once.md has the whole.
  [[nodiscard]] virtual Status RunTransactions(const OpenTransactional& open,
                                               const BatchHandler& handler,
                                               std::stop_token stop) = 0;

  /// Consumes exactly once from Kafka to Kafka (`offsetstore.delivery=exactly-once`,
  /// `offsetstore.uri=kafka:`): for each batch a Kafka transaction is begun, `handler` writes its
  /// results to topics of the same cluster, the group's positions move in it, and it is committed.
  /// Whatever fails in between, it is aborted and the same records come again. Who reads the
  /// results with `isolation.level=read_committed` sees each once. One batch at a time, on a thread
  /// of its own.
  ///
  /// Keys of librdkafka's producer stand in the same file; `transactional.id` is a name that no
  /// other member has and this one has again after a restart. Ends as `Run` does; where another
  /// producer takes the `transactional.id`, with `kFenced`. docs/exactly-once-kafka.md has the
  /// whole.
  [[nodiscard]] virtual Status RunToKafka(const OutputHandler& handler, std::stop_token stop) = 0;

  /// The other style: one record, a `Revoking`, an `AtEnd`, or nothing within `wait`. Call
  /// `record->Done()` when it is processed. An error ends the consumer.
  [[nodiscard]] virtual Result<Polled> Poll(Duration wait) = 0;

  /// Drains, commits, releases and leaves the group, by the deadline. A group that could not be
  /// left in time is an event (`kClient`), no error: its coordinator notices when the session
  /// expires.
  [[nodiscard]] virtual Status Close(Deadline deadline) = 0;

  [[nodiscard]] virtual ConsumerState State() const = 0;
};

}  // namespace offsetstore
