// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/handle.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/uri.h"
#include "rdkafka/error.h"

namespace offsetstore::rdkafka {
namespace {

// Short enough to notice a refused authentication soon.
constexpr Duration kStep{100};
// For the destructor, which has no deadline, and for a deadline that has passed.
constexpr Duration kLastWait{1000};
constexpr Duration kShortWait{100};

extern "C" void CaptureLog(const rd_kafka_t* handle,
                           int level,
                           const char* facility,
                           const char* text) {
  // Lines of a handle that is not built yet have no journal; what matters of them also comes back
  // as the error of rd_kafka_new.
  void* opaque = handle == nullptr ? nullptr : rd_kafka_opaque(handle);
  if (opaque == nullptr) return;
  static_cast<Journal*>(opaque)->AddLog(level, facility, text);
}

bool IsRefusal(const Journal::Problem& problem) {
  return ToError(problem.native, Effect::kRead, "").code == ErrorCode::kPermissionDenied;
}

}  // namespace

Queue Queue::OfConsumer(rd_kafka_t* handle) {
  return Queue(rd_kafka_queue_get_consumer(handle));
}

Queue Queue::OfMain(rd_kafka_t* handle) {
  return Queue(rd_kafka_queue_get_main(handle));
}

Event Queue::Poll(Duration wait) {
  return Event(rd_kafka_queue_poll(queue_.get(), static_cast<int>(wait.count())));
}

Event Queue::PollUntil(Deadline deadline) {
  while (true) {
    if (Event event = Poll(deadline.Remaining())) return event;
    if (deadline.Passed()) return nullptr;
  }
}

Result<std::unique_ptr<Handle>> Handle::Open(rd_kafka_type_t type, Conf conf, int events) {
  auto beside = std::make_shared<Beside>();
  // The only way to learn which requests the brokers know; see `BrokersCanDeleteOffsets`.
  const std::string debug = conf.Get("debug").value_or("");
  OS_RETURN_IF_ERROR(conf.Set("debug", debug.empty() ? "feature" : debug + ",feature"));
  const std::string strategy = conf.Get("partition.assignment.strategy").value_or("");
  rd_kafka_conf_set_opaque(conf.get(), &beside->journal);
  if (type == RD_KAFKA_CONSUMER) beside->joins.Watch(conf);
  rd_kafka_conf_set_log_cb(conf.get(), &CaptureLog);
  rd_kafka_conf_set_events(conf.get(), events | RD_KAFKA_EVENT_ERROR);
  std::array<char, 512> reason{};
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (handle == nullptr) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "librdkafka refuses the configuration: " + Redacted(reason.data()));
  }
  static_cast<void>(conf.Release());  // Now owned by the handle.
  std::unique_ptr<Handle> opened(new Handle(handle, std::move(beside)));
  opened->cooperative_ = strategy.find("cooperative-sticky") != std::string::npos;
  return opened;
}

Handle::Handle(rd_kafka_t* handle, std::shared_ptr<Beside> beside)
    : beside_(std::move(beside)), handle_(handle) {}

Handle::~Handle() {
  if (handle_ != nullptr) Destroy(Deadline::After(given_up_ ? Duration::zero() : kLastWait));
}

/// librdkafka before 2.3.0 aborts the process where a cooperative-sticky consumer is destroyed
/// between joining its group and its first assignment: its assignor has no state yet
/// (confluentinc/librdkafka#4312). Such a consumer has left its group, and stays in memory.
bool Handle::MayDestroy() const noexcept {
  constexpr int kMended = 0x020300ff;
  return !cooperative_ || assigned_ || rd_kafka_version() >= kMended;
}

/// For a handle that may never be destroyed.
void Handle::KeepForEver(std::shared_ptr<Beside> beside) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<std::shared_ptr<Beside>>;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(beside));
}

/// A request that waits for its answer holds the destruction back, up to `socket.timeout.ms`: that
/// wait must not be the caller's.
bool Handle::Destroy(Deadline deadline) {
  if (!MayDestroy()) {
    KeepForEver(beside_);
    handle_ = nullptr;
    return true;
  }
  std::promise<void> promise;
  const std::future<void> done = promise.get_future();
  std::thread([handle = std::exchange(handle_, nullptr),
               beside = beside_,
               finished = std::move(promise)]() mutable {
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    finished.set_value();
  }).detach();
  // Commonly it takes some milliseconds, which a passed deadline can wait for.
  return done.wait_until(std::max(deadline.time(), Deadline::After(kShortWait).time())) ==
         std::future_status::ready;
}

Result<std::string> Handle::ClusterId(Deadline deadline) {
  while (true) {
    const Duration step = std::min(kStep, deadline.Remaining());
    char* text = rd_kafka_clusterid(handle_, static_cast<int>(step.count()));
    if (text != nullptr) {
      std::string id = text;
      rd_kafka_mem_free(handle_, text);
      beside_->journal.ForgetProblems();
      return id;
    }
    DrainErrors();
    const auto problem = beside_->journal.WorstProblem();
    if ((problem && IsRefusal(*problem)) || deadline.Passed()) break;
  }
  return beside_->journal.Explain(
      MakeError(ErrorCode::kUnavailable, "no broker of the cluster answered"));
}

void Handle::DrainErrors() {
  Queue main = Queue::OfMain(handle_);
  while (Event event = main.Poll(Duration::zero())) Note(event.get());
}

void Handle::Note(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR) return;
  beside_->journal.AddError(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
}

Status Handle::Close(Deadline deadline, const OnEvent& on_event) {
  if (handle_ == nullptr) return {};
  Status left;
  if (rd_kafka_type(handle_) == RD_KAFKA_CONSUMER) left = LeaveGroup(deadline, on_event);
  const bool destroyed = Destroy(deadline);
  if (!left || destroyed) return left;
  return MakeError(ErrorCode::kDeadlineExceeded,
                   "a broker still owes an answer; librdkafka ends in the background");
}

Status Handle::LeaveGroup(Deadline deadline, const OnEvent& on_event) {
  Queue queue(handle_);
  if (rd_kafka_error_t* failed = rd_kafka_consumer_close_queue(handle_, queue.get())) {
    const rd_kafka_resp_err_t native = rd_kafka_error_code(failed);
    const std::string text = rd_kafka_error_string(failed);
    rd_kafka_error_destroy(failed);
    // A consumer without a group has nothing to leave.
    if (native == RD_KAFKA_RESP_ERR__UNKNOWN_GROUP) return {};
    return ToError(native, Effect::kRead, "close of the consumer", text);
  }
  while (rd_kafka_consumer_closed(handle_) == 0) {
    Event event = queue.Poll(std::min(kStep, deadline.Remaining()));
    if (event != nullptr) {
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) NoteAssigned();
      if (on_event) {
        on_event(handle_, event.get());
      } else {
        UnassignAll(handle_, event.get());
      }
    } else if (deadline.Passed()) {
      return beside_->journal.Explain(MakeError(
          ErrorCode::kDeadlineExceeded,
          "the consumer could not leave its group in time; its session will expire by itself"));
    }
  }
  return {};
}

void UnassignAll(rd_kafka_t* consumer, rd_kafka_event_t* rebalance) {
  if (rd_kafka_event_type(rebalance) != RD_KAFKA_EVENT_REBALANCE) return;
  const std::string_view protocol = rd_kafka_rebalance_protocol(consumer);
  const bool revoke = rd_kafka_event_error(rebalance) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
  if (protocol == "COOPERATIVE" && revoke) {
    rd_kafka_error_t* failed =
        rd_kafka_incremental_unassign(consumer, rd_kafka_event_topic_partition_list(rebalance));
    // Nothing of it was assigned: that is what was wanted.
    if (failed != nullptr) rd_kafka_error_destroy(failed);
    return;
  }
  rd_kafka_assign(consumer, nullptr);
}

}  // namespace offsetstore::rdkafka
