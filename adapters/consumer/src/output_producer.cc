// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "output_producer.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/units.h"
#include "rdkafka/error.h"
#include "rdkafka/newer.h"

namespace offsetstore {
namespace {

struct DestroyError {
  void operator()(rd_kafka_error_t* error) const noexcept { rd_kafka_error_destroy(error); }
};
using NativeError = std::unique_ptr<rd_kafka_error_t, DestroyError>;

/// librdkafka's own bound of a commit or an abort: `transaction.timeout.ms`. It warns of others.
constexpr int kTransactionTimeout = -1;

/// `call` again as long as librdkafka says that it may be made again.
template <class Call>
NativeError Retried(Deadline deadline, const Call& call) {
  while (true) {
    NativeError failed(call());
    if (failed == nullptr || rd_kafka_error_is_retriable(failed.get()) == 0 || deadline.Passed()) {
      return failed;
    }
  }
}

/// librdkafka takes memory that it does not change as `void*`.
void* Bytes(std::string_view text) {
  static char empty = '\0';
  return text.data() == nullptr ? &empty : const_cast<char*>(text.data());
}

rd_kafka_vu_t Memory(rd_kafka_vtype_t type, std::string_view bytes) {
  rd_kafka_vu_t unit{};
  unit.vtype = type;
  unit.u.mem.ptr = Bytes(bytes);
  unit.u.mem.size = bytes.size();
  return unit;
}

rd_kafka_vu_t Number(rd_kafka_vtype_t type, std::int64_t number) {
  rd_kafka_vu_t unit{};
  unit.vtype = type;
  unit.u.i64 = number;
  return unit;
}

rd_kafka_vu_t Flag(rd_kafka_vtype_t type, std::int32_t number) {
  rd_kafka_vu_t unit{};
  unit.vtype = type;
  unit.u.i32 = number;
  return unit;
}

}  // namespace

Result<GroupMetadata> MembershipOf(rd_kafka_t* consumer) {
  GroupMetadata member(rd_kafka_consumer_group_metadata(consumer));
  if (member != nullptr && rdkafka::GenerationOf(member.get())) return member;
  return MakeError(ErrorCode::kUnavailable,
                   "the consumer is not a member of its group just now: nothing would keep others "
                   "from moving the same positions");
}

Result<rdkafka::Conf> OutputConfOf(rd_kafka_t* consumer) {
  rdkafka::Conf conf = rdkafka::Conf::CopyOf(consumer);
  if (conf.Get("transactional.id").value_or("").empty()) {
    const std::string instance = conf.Get("group.instance.id").value_or("");
    if (!instance.empty()) OS_RETURN_IF_ERROR(conf.Set("transactional.id", instance));
  }
  OS_RETURN_IF_ERROR(conf.Set("delivery.report.only.error", "true"));
  OS_RETURN_IF_ERROR(conf.Set("statistics.interval.ms", "0"));
  return conf;
}

Status CheckOutput(const rdkafka::Conf& conf) {
  if (conf.Get("transactional.id").value_or("").empty()) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "write transactional.id=NAME (or group.instance.id): a name that no other "
                     "member has, and that this one has again after a restart, so that what it "
                     "left open is ended at once");
  }
  if (conf.Get("isolation.level").value_or("") != "read_committed") {
    return MakeError(ErrorCode::kConfigInvalid,
                     "isolation.level must be read_committed: else records of aborted "
                     "transactions are processed, and positions read that are not decided yet");
  }
  return {};
}

Result<std::unique_ptr<OutputProducer>> OutputProducer::Open(rdkafka::Conf conf,
                                                             Deadline deadline) {
  OS_ASSIGN_OR_RETURN(const std::int64_t timeout,
                      ParseInteger(conf.Get("transaction.timeout.ms").value_or("60000")));
  std::unique_ptr<OutputProducer> producer(new OutputProducer(Duration(timeout)));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &OutputProducer::NoteDelivery);
  OS_ASSIGN_OR_RETURN(producer->handle_, rdkafka::Handle::Open(RD_KAFKA_PRODUCER, std::move(conf)));
  OS_RETURN_IF_ERROR(producer->Init(deadline));
  return producer;
}

Status OutputProducer::Init(Deadline deadline) {
  const NativeError failed = Retried(deadline, [&] {
    return rd_kafka_init_transactions(handle_->get(),
                                      static_cast<int>(deadline.Remaining().count()));
  });
  if (failed == nullptr) return {};
  begun_ = Clock::now();
  handle_->DrainErrors();
  return handle_->journal().Explain(Judge(*failed, "start of the transactional producer"));
}

/// Runs on the thread that commits, since only a commit's flush polls.
void OutputProducer::NoteDelivery(rd_kafka_t* /*producer*/,
                                  const rd_kafka_message_t* message,
                                  void* /*opaque*/) {
  auto* self = static_cast<OutputProducer*>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || self == nullptr || self->undelivered_) return;
  self->undelivered_ = rdkafka::ToError(
      message->err,
      rdkafka::Effect::kRead,
      "a record for topic " + Printable(rd_kafka_topic_name(message->rkt)) + " was not written");
}

Status OutputProducer::Begin() {
  refused_.reset();
  undelivered_.reset();
  begun_ = Clock::now();
  const NativeError failed(rd_kafka_begin_transaction(handle_->get()));
  if (failed != nullptr) return Judge(*failed, "begin of a transaction");
  open_ = true;
  return {};
}

Status OutputProducer::Produce(const OutputRecord& record) {
  const std::string topic(record.topic);
  std::vector<rd_kafka_vu_t> units;
  units.push_back({});
  units.back().vtype = RD_KAFKA_VTYPE_TOPIC;
  units.back().u.cstr = topic.c_str();
  // A full queue is waited out: its records are written, or given up after transaction.timeout.ms.
  units.push_back(Flag(RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK));
  units.push_back({});
  units.back().vtype = RD_KAFKA_VTYPE_OPAQUE;
  units.back().u.ptr = this;
  if (record.partition) units.push_back(Flag(RD_KAFKA_VTYPE_PARTITION, *record.partition));
  if (record.key) units.push_back(Memory(RD_KAFKA_VTYPE_KEY, *record.key));
  if (record.value) units.push_back(Memory(RD_KAFKA_VTYPE_VALUE, *record.value));
  if (record.timestamp) {
    units.push_back(Number(RD_KAFKA_VTYPE_TIMESTAMP, record.timestamp->time_since_epoch().count()));
  }
  std::vector<std::string> names;
  names.reserve(record.headers.size());
  for (const Header& header : record.headers) {
    units.push_back({});
    units.back().vtype = RD_KAFKA_VTYPE_HEADER;
    units.back().u.header.name = names.emplace_back(header.name).c_str();
    units.back().u.header.val = header.value ? Bytes(*header.value) : nullptr;
    units.back().u.header.size =
        header.value ? static_cast<std::int64_t>(header.value->size()) : std::int64_t{0};
  }
  const NativeError failed(rd_kafka_produceva(handle_->get(), units.data(), units.size()));
  if (failed == nullptr) return {};
  Error error = Judge(*failed, "record for topic " + Printable(topic));
  // Outside of a transaction that may go on, nothing is produced.
  if (rd_kafka_error_code(failed.get()) == RD_KAFKA_RESP_ERR__STATE && !fenced()) {
    state_ = State::kSpent;
  }
  if (!refused_) refused_ = error;
  return error;
}

Status OutputProducer::SendPositions(const rdkafka::PartitionList& positions,
                                     const rd_kafka_consumer_group_metadata_t& member) {
  const NativeError failed = Retried(Deadline::After(timeout_), [&] {
    return rd_kafka_send_offsets_to_transaction(
        handle_->get(), positions.get(), &member, static_cast<int>(timeout_.count()));
  });
  if (failed == nullptr) return {};
  return Judge(*failed, "positions of the transaction");
}

Status OutputProducer::Commit(const rdkafka::PartitionList& positions,
                              const rd_kafka_consumer_group_metadata_t& member) {
  OS_RETURN_IF_ERROR(SendPositions(positions, member));
  const NativeError failed = Retried(Deadline::After(timeout_), [&] {
    return rd_kafka_commit_transaction(handle_->get(), kTransactionTimeout);
  });
  open_ = failed != nullptr;
  if (failed == nullptr) return {};
  Error error = Judge(*failed, "commit of the transaction");
  if (rd_kafka_error_txn_requires_abort(failed.get()) != 0 || broken()) return error;
  // Neither committed nor to be aborted: the next producer's start settles it.
  state_ = State::kSpent;
  return MakeError(ErrorCode::kInDoubt, std::move(error.message));
}

bool OutputProducer::Abort() {
  if (broken()) return false;
  if (!open_) return true;
  const NativeError failed = Retried(Deadline::After(timeout_), [&] {
    return rd_kafka_abort_transaction(handle_->get(), kTransactionTimeout);
  });
  open_ = failed != nullptr;
  return !open_;
}

Error OutputProducer::Judge(const rd_kafka_error_t& failed, std::string_view what) {
  const rd_kafka_resp_err_t native = rd_kafka_error_code(&failed);
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal =
      rd_kafka_fatal_error(handle_->get(), reason.data(), reason.size());
  if (fatal == RD_KAFKA_RESP_ERR__FENCED || native == RD_KAFKA_RESP_ERR__FENCED) {
    return JudgeFence(what);
  }
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    state_ = State::kSpent;
    Error error = rdkafka::ToError(fatal, rdkafka::Effect::kRead, what, reason.data());
    // The next producer may have better luck, but for rights.
    if (error.code != ErrorCode::kPermissionDenied) error.code = ErrorCode::kUnavailable;
    return error;
  }
  // Of records that were not written librdkafka tells the number only.
  if (undelivered_) return *undelivered_;
  return rdkafka::ToError(native, rdkafka::Effect::kRead, what, rd_kafka_error_string(&failed));
}

/// Brokers say the same of a producer whose transaction they ended for its age.
Error OutputProducer::JudgeFence(std::string_view what) {
  if (Clock::now() - begun_ >= timeout_) {
    state_ = State::kSpent;
    return MakeError(ErrorCode::kUnavailable,
                     std::string(what) + ": the transaction took longer than " +
                         "transaction.timeout.ms=" + std::to_string(timeout_.count()) +
                         ", and the brokers ended it");
  }
  state_ = State::kFenced;
  return MakeError(ErrorCode::kFenced,
                   std::string(what) +
                       ": another producer began with the same transactional.id; each member of "
                       "the group needs one of its own, which only its own restart uses again");
}

}  // namespace offsetstore
