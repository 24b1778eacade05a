// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "into/into_run.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "console.h"
#include "internal/macros.h"
#include "internal/passing.h"
#include "into/into_progress.h"
#include "offsetstore/forwarding_positions.h"
#include "offsetstore/open.h"
#include "signals.h"

namespace offsetstore::cli {
namespace {

constexpr std::chrono::milliseconds kWatchEvery{
    100};  // How often signals and the end are looked for.

/// Tells what became of each COMMIT.
class Watched final : public ForwardingPositions {
 public:
  using Told = std::function<void(const Status&)>;
  Watched(std::unique_ptr<TransactionalPositions> below, Told committed)
      : ForwardingPositions(std::move(below)), committed_(std::move(committed)) {}

  [[nodiscard]] Status Commit(Deadline deadline) override {
    Status done = below().Commit(deadline);
    committed_(done);
    return done;
  }

 private:
  Told committed_;
};

class IntoRun {
 public:
  IntoRun(ResultTable& table, Consumer& consumer, const ConsumeLimits& limits)
      : table_(table), consumer_(consumer), limits_(limits) {}

  ExitCode Run() {
    Status ended;
    {
      const std::jthread watch([this](const std::stop_token& over) { Watch(over); });
      ended = consumer_.RunTransactions(
          [this](const StoreInfo& store, const std::string& group, Deadline deadline) {
            return Open(store, group, deadline);
          },
          [this](std::span<Record* const> records) { return Write(records); },
          stop_.get_token());
    }
    ShowStatus({});
    if (refused_) return Refused();
    if (ended) return SignalledOr(ExitCode::kDone);
    Complain(ToString(ended.error()));
    return ExitCodeOf(ended.error());
  }

 private:
  Result<std::unique_ptr<TransactionalPositions>> Open(const StoreInfo& store,
                                                       const std::string& group,
                                                       Deadline deadline) {
    OS_ASSIGN_OR_RETURN(auto positions, table_.Connect(store, group, deadline));
    OS_RETURN_IF_ERROR(table_.Prepare(deadline));
    return std::unique_ptr<TransactionalPositions>(std::make_unique<Watched>(
        std::move(positions), [this](const Status& done) { Committed(done); }));
  }

  Status Write(std::span<Record* const> records) {
    written_ = records.size();
    Status written = table_.Write(records);
    // The consumer would try for ever what can only fail again.
    if (!written && (!internal::IsPassing(written.error()) || table_.IsFull(written.error()))) {
      End(written.error());
    }
    return written;
  }

  void Committed(const Status& done) {
    if (done) {
      committed_ += written_;
    } else if (table_.IsFull(done.error())) {
      // Whoever makes room starts it again.
      End(done.error());
    }
  }

  void End(const Error& why) {
    refused_ = why;
    stop_.request_stop();
  }

  void Watch(const std::stop_token& over) {
    IntoProgress progress;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, over, kWatchEvery, [] { return false; }) &&
           !over.stop_requested()) {
      const ConsumerState state = consumer_.State();
      if (StopAsked() || (limits_.exit_at_end && state.all_at_end)) stop_.request_stop();
      progress.Show(committed_, state);
    }
  }

  [[nodiscard]] ExitCode Refused() const {
    Complain(ToString(*refused_));
    switch (const ExitCode code = ExitCodeOf(*refused_)) {
      case ExitCode::kUsage:
      case ExitCode::kUnreachable:
        return ExitCode::kOutput;
      default:
        return code;
    }
  }

  ResultTable& table_;
  Consumer& consumer_;
  const ConsumeLimits& limits_;
  std::stop_source stop_;
  std::atomic<std::uint64_t> committed_ = 0;
  // The batch thread's own until the run is over.
  std::size_t written_ = 0;
  std::optional<Error> refused_;  ///< Why the table takes no more.
};

}  // namespace

Status PrepareTable(const BackendRegistry& registry,
                    const Properties& properties,
                    const IntoUri& into,
                    ResultTable& table,
                    Deadline deadline) {
  const std::string& uri = properties.Find("offsetstore.uri")->value;
  OS_ASSIGN_OR_RETURN(const auto store, OpenStore(registry, uri, OpenOptions{}, deadline));
  {
    const auto positions =
        table.Connect(store->Info(), properties.Find("group.id")->value, deadline);
    if (!positions) {
      const Error& error = positions.error();
      return error.code == ErrorCode::kConfigInvalid ? OtherDatabase(properties, into) : error;
    }
    OS_RETURN_IF_ERROR(table.Prepare(deadline));
  }
  return store->Close(deadline);
}

ExitCode ConsumeInto(ResultTable& table, Consumer& consumer, const ConsumeLimits& limits) {
  return IntoRun(table, consumer, limits).Run();
}

}  // namespace offsetstore::cli
