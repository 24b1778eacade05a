// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "output_producer.h"

#include <array>
#include <string>
#include <thread>
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

/// What librdkafka asks for between two attempts.
constexpr std::chrono::milliseconds kPause{100};

/// `call` again as long as librdkafka says that it may be made again.
template <class Call>
NativeError Retried(Deadline deadline, const Call& call) {
  while (true) {
    NativeError failed(call());
    if (failed == nullptr || rd_kafka_error_is_retriable(failed.get()) == 0 || deadline.Passed()) {
      return failed;
    }
    std::this_thread::sleep_for(kPause);
  }
}

/// librdkafka takes memory that it does not change as `void*`. Empty is not null.
void* Bytes(std::string_view text) {
  static char empty = '\0';
  return text.data() == nullptr ? &empty : const_cast<char*>(text.data());
}

/// A record in the form of `rd_kafka_produceva`, which copies it.
class Units {
 public:
  Units(const OutputRecord& record, void* opaque) : topic_(record.topic) {
    names_.reserve(record.headers.size());  // Their addresses are given away.
    Add(RD_KAFKA_VTYPE_TOPIC).cstr = topic_.c_str();
    Add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
    Add(RD_KAFKA_VTYPE_OPAQUE).ptr = opaque;
    if (record.partition) Add(RD_KAFKA_VTYPE_PARTITION).i32 = *record.partition;
    if (record.key) Add(RD_KAFKA_VTYPE_KEY).mem = {Bytes(*record.key), record.key->size()};
    if (record.value) Add(RD_KAFKA_VTYPE_VALUE).mem = {Bytes(*record.value), record.value->size()};
    if (record.timestamp) {
      Add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = record.timestamp->time_since_epoch().count();
    }
    for (const Header& header : record.headers) AddHeader(header);
  }

  [[nodiscard]] const rd_kafka_vu_t* data() const noexcept { return units_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return units_.size(); }

 private:
  decltype(rd_kafka_vu_t::u)& Add(rd_kafka_vtype_t type) {
    units_.push_back({});
    units_.back().vtype = type;
    return units_.back().u;
  }
  void AddHeader(const Header& header) {
    const char* name = names_.emplace_back(header.name).c_str();
    auto& unit = Add(RD_KAFKA_VTYPE_HEADER).header;
    unit.name = name;
    unit.val = header.value ? Bytes(*header.value) : nullptr;
    unit.size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
  }

  const std::string topic_;
  std::vector<std::string> names_;
  std::vector<rd_kafka_vu_t> units_;
};

// A full queue is waited out: its records are written, or given up after transaction.timeout.ms.
// Not by librdkafka's own waiting, which has no bound: records that were given up leave the queue
// only where somebody polls.
NativeError ProduceSoon(rd_kafka_t* handle, const Units& units, Deadline deadline) {
  while (true) {
    NativeError failed(rd_kafka_produceva(handle, units.data(), units.size()));
    const bool full =
        failed != nullptr && rd_kafka_error_code(failed.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (!full || deadline.Passed()) return failed;
    rd_kafka_poll(handle, static_cast<int>(kPause.count()));
  }
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

/// Runs on the thread of the transactions: only their calls poll.
void OutputProducer::NoteDelivery(rd_kafka_t* /*producer*/,
                                  const rd_kafka_message_t* message,
                                  void* /*opaque*/) {
  auto* self = static_cast<OutputProducer*>(message->_private);
  const bool is_aborted = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                          message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || is_aborted || self->undelivered_) return;
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
  const Units units(record, this);
  const NativeError failed = ProduceSoon(handle_->get(), units, Deadline::After(timeout_));
  if (failed == nullptr) return {};
  Error error = Judge(*failed, "record for topic " + Printable(record.topic));
  // Nothing is produced in a transaction that has failed already.
  if (rd_kafka_error_code(failed.get()) == RD_KAFKA_RESP_ERR__STATE && !broken()) {
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
  rd_kafka_poll(handle_->get(), 0);  // For `NoteDelivery`.
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
