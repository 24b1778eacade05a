// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
// A consumer as many write it: the poll loop hands records to a worker thread, and librdkafka
// commits on a timer what was handed out, processed or not.
#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "console.h"
#include "demo/kafka.h"
#include "demo/results.h"
#include "demo/workers.h"
#include "internal/macros.h"

namespace offsetstore::cli {
namespace {

constexpr int kPollMs = 100;
constexpr int kCommittedMs = 10000;

struct PlainArguments {
  std::string brokers;
  std::string group;
  std::string topic;
  int partitions = 1;
  std::size_t queue = 1;
  std::string commit_interval;
  std::int64_t work = 0;
  std::string results;
};

/// The worker thread and its queue.
class Worker {
 public:
  Worker(Results results, std::size_t most, std::chrono::microseconds work)
      : results_(std::move(results)), most_(most), work_(work), thread_([this] { Run(); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { static_cast<void>(Finish()); }

  void Hand(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < most_; });
    queue_.push_back(number);
    changed_.notify_all();
  }

  /// Works the queue off and ends the thread.
  Status Finish() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  void Run() {
    while (const std::optional<std::uint64_t> number = Next()) {
      Work(work_);
      const Status added = results_.Add(*number);
      if (!added) status_ = added;
    }
  }

  std::optional<std::uint64_t> Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return std::nullopt;
    const std::uint64_t number = queue_.front();
    queue_.pop_front();
    changed_.notify_all();
    return number;
  }

  Results results_;
  std::size_t most_;
  std::chrono::microseconds work_;
  std::mutex mutex_;  // Guards queue_ and ending_.
  std::condition_variable changed_;
  std::deque<std::uint64_t> queue_;
  bool ending_ = false;
  Status status_;  // The thread's own until it is joined.
  std::thread thread_;
};

/// Assigns every partition at its committed position.
Status Assign(rd_kafka_t* handle, const PlainArguments& arguments) {
  const KafkaPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(arguments.partitions));
  rd_kafka_topic_partition_list_add_range(
      list.get(), arguments.topic.c_str(), 0, arguments.partitions - 1);
  const auto code = rd_kafka_committed(handle, list.get(), kCommittedMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("read committed positions", code);
  for (int i = 0; i < list->cnt; ++i) {
    // The mock cluster answers "unknown partition" where nothing was committed yet.
    if (list->elems[i].offset < 0) list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
    list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const auto assigned = rd_kafka_assign(handle, list.get());
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("assign", assigned);
  return {};
}

/// Polls until every partition is read to its end.
Status Poll(rd_kafka_t* handle, const PlainArguments& arguments, Worker& worker) {
  std::set<std::int32_t> ended;
  while (ended.size() < static_cast<std::size_t>(arguments.partitions)) {
    const KafkaPtr<rd_kafka_message_t> message(rd_kafka_consumer_poll(handle, kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ended.insert(message->partition);
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return KafkaError("consume", message->err);
    } else if (const auto number =
                   NumberOf({static_cast<const char*>(message->payload), message->len})) {
      worker.Hand(*number);
    }
  }
  return {};
}

Status Consume(const PlainArguments& arguments) {
  OS_ASSIGN_OR_RETURN(Results results, Results::Open(arguments.results));
  OS_ASSIGN_OR_RETURN(const KafkaPtr<rd_kafka_t> handle,
                      NewKafka(RD_KAFKA_CONSUMER,
                               {{"bootstrap.servers", arguments.brokers},
                                {"group.id", arguments.group},
                                {"enable.auto.commit", "true"},
                                {"auto.commit.interval.ms", arguments.commit_interval},
                                {"auto.offset.reset", "earliest"},
                                {"enable.partition.eof", "true"}}));
  rd_kafka_poll_set_consumer(handle.get());
  OS_RETURN_IF_ERROR(Assign(handle.get(), arguments));
  Worker worker(std::move(results), arguments.queue, std::chrono::microseconds(arguments.work));
  OS_RETURN_IF_ERROR(Poll(handle.get(), arguments, worker));
  OS_RETURN_IF_ERROR(worker.Finish());
  const auto closed = rd_kafka_consumer_close(handle.get());
  if (closed != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError("close the consumer", closed);
  return {};
}

}  // namespace

void AddDemoPlain(CLI::App& app, Job& job) {
  CLI::App* command = app.add_subcommand("demo-plain")->group("");
  const auto arguments = std::make_shared<PlainArguments>();  // shared with the job
  command->add_option("--brokers", arguments->brokers)->required();
  command->add_option("--group", arguments->group)->required();
  command->add_option("--topic", arguments->topic)->required();
  command->add_option("--partitions", arguments->partitions)->required();
  command->add_option("--queue", arguments->queue)->required();
  command->add_option("--commit-interval", arguments->commit_interval)->required();
  command->add_option("--work", arguments->work)->required();
  command->add_option("--results", arguments->results)->required();
  command->callback([&job, arguments] {
    job = [arguments] {
      const Status consumed = Consume(*arguments);
      return consumed ? ExitCode::kDone : Fail(consumed.error());
    };
  });
}

}  // namespace offsetstore::cli
