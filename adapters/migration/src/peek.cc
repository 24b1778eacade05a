// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/peek.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "internal/macros.h"
#include "rdkafka/error.h"
#include "rdkafka/handle.h"
#include "rdkafka/log_range.h"
#include "rdkafka/partition_list.h"
#include "rdkafka/store_conf.h"

namespace offsetstore::migration {
namespace {

using Records = std::deque<PeekedRecord>;

std::optional<std::string> FirstOf(const void* data, std::size_t size, std::size_t most) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), std::min(size, most));
}

PeekedRecord RecordOf(const rd_kafka_message_t& message, std::size_t bytes) {
  PeekedRecord record;
  record.at = Position(message.offset);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t since_epoch = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.time = Time(Duration(since_epoch));
  record.key = FirstOf(message.key, message.key_len, bytes);
  record.key_size = message.key_len;
  record.value = FirstOf(message.payload, message.len, bytes);
  record.value_size = message.len;
  return record;
}

/// Reads one partition on a handle that has nothing else to do.
class Reader {
 public:
  Reader(rdkafka::Handle& handle, TopicPartition at, std::size_t bytes, Deadline deadline)
      : handle_(handle), at_(std::move(at)), bytes_(bytes), deadline_(deadline) {
    rd_kafka_poll_set_consumer(handle_.get());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { rd_kafka_assign(handle_.get(), nullptr); }

  /// The first or the last `count` records of [from, until).
  enum class Keep { kFirst, kLast };
  [[nodiscard]] Result<Records> Read(Position from, Position until, Keep keep, std::size_t count) {
    Records records;
    if (from >= until) return records;
    OS_RETURN_IF_ERROR(Assign(from));
    bool more = true;
    while (more) {
      OS_ASSIGN_OR_RETURN(std::optional<PeekedRecord> next, Next(until));
      if (!next) break;
      // The last of the log brings the end's event, but not the last before `until`.
      more = next->at.value() + 1 < until.value();
      records.push_back(*std::move(next));
      if (keep == Keep::kLast && records.size() > count) records.pop_front();
      if (keep == Keep::kFirst && records.size() == count) break;
    }
    return records;
  }

 private:
  Status Assign(Position from) {
    rdkafka::PartitionList list;
    list.Add(at_, from.value());
    const rd_kafka_resp_err_t native = rd_kafka_assign(handle_.get(), list.get());
    if (native == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return rdkafka::ToError(native, rdkafka::Effect::kRead, "assignment of " + ToString(at_));
  }
  /// nullopt: no more records before `until`.
  Result<std::optional<PeekedRecord>> Next(Position until) {
    constexpr Duration kStep{100};
    while (!deadline_.Passed()) {
      const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
          rd_kafka_consumer_poll(handle_.get(),
                                 static_cast<int>(std::min(kStep, deadline_.Remaining()).count())),
          &rd_kafka_message_destroy);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        return std::optional<PeekedRecord>();
      }
      // Errors of the handle (a broker that is away) pass; those of the partition do not.
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->rkt == nullptr) continue;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return rdkafka::ToError(
            message->err, rdkafka::Effect::kRead, "records of " + ToString(at_));
      }
      if (message->offset >= until.value()) return std::optional<PeekedRecord>();
      return std::optional<PeekedRecord>(RecordOf(*message, bytes_));
    }
    return MakeError(ErrorCode::kDeadlineExceeded,
                     "the records of " + ToString(at_) + " did not come in time");
  }

  rdkafka::Handle& handle_;
  const TopicPartition at_;
  const std::size_t bytes_;
  const Deadline deadline_;
};

Result<std::unique_ptr<rdkafka::Handle>> OpenHandle(const KafkaOptions& options) {
  OS_ASSIGN_OR_RETURN(rdkafka::Conf conf, MakeConf(options));
  constexpr std::array<std::pair<const char*, const char*>, 5> kKeys = {{
      {"isolation.level", "read_uncommitted"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "error"},
  }};
  for (const auto& [key, value] : kKeys) OS_RETURN_IF_ERROR(conf.Set(key, value));
  return rdkafka::Handle::Open(RD_KAFKA_CONSUMER, std::move(conf));
}

Result<LogRange> RangeOn(rdkafka::Handle& handle, const TopicPartition& at, Deadline deadline) {
  const auto ends = rdkafka::LogRange(handle.get(), std::span(&at, 1), deadline);
  if (ends[0]) return LogRange{ends[0]->start, ends[0]->end};
  Error error = ends[0].error();
  const bool missing = error.native == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                       error.native == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                       error.native == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
  if (missing) error = MakeError(ErrorCode::kOutOfRange, "there is no " + ToString(at));
  handle.DrainErrors();
  return handle.journal().Explain(std::move(error));
}

/// The last `count` records before `middle`.
Result<Records> ReadBefore(Reader& reader,
                           const LogRange& log,
                           Position middle,
                           std::size_t count) {
  std::int64_t window = static_cast<std::int64_t>(std::max<std::size_t>(count, 1));
  while (true) {
    const Position from(std::max(log.start.value(), middle.value() - window));
    OS_ASSIGN_OR_RETURN(Records records, reader.Read(from, middle, Reader::Keep::kLast, count));
    if (records.size() >= count || from <= log.start) return records;
    window = window > Position::kMax / 4 ? Position::kMax : 4 * window;
  }
}

}  // namespace

Result<Peek> PeekAt(const KafkaOptions& options,
                    const TopicPartition& at,
                    Position position,
                    const PeekOptions& how,
                    Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const auto handle, OpenHandle(options));
  Peek peek;
  OS_ASSIGN_OR_RETURN(peek.log, RangeOn(*handle, at, deadline));
  const Position middle = std::clamp(position, peek.log.start, peek.log.end);
  Reader reader(*handle, at, how.bytes, deadline);
  if (how.before > 0) {
    OS_ASSIGN_OR_RETURN(Records before, ReadBefore(reader, peek.log, middle, how.before));
    std::move(before.begin(), before.end(), std::back_inserter(peek.records));
  }
  if (how.after > 0) {
    OS_ASSIGN_OR_RETURN(Records after,
                        reader.Read(middle, peek.log.end, Reader::Keep::kFirst, how.after));
    std::move(after.begin(), after.end(), std::back_inserter(peek.records));
  }
  return peek;
}

}  // namespace offsetstore::migration
