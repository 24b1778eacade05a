// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "inbox.h"

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace offsetstore {
namespace {

/// The tickets of one partition's records that the user holds, so that a drain can end without
/// him. Threads: any.
class OpenTickets {
 public:
  std::uint64_t Add(Ticket ticket) {
    const std::lock_guard lock(mutex_);
    open_.emplace(next_, std::move(ticket));
    return next_++;
  }
  /// An empty ticket where it was given up.
  Ticket Take(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    auto node = open_.extract(id);
    return node ? std::move(node.mapped()) : Ticket();
  }
  bool Held(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(id);
    return found != open_.end() && found->second.Held();
  }
  void GiveUp() {
    std::unordered_map<std::uint64_t, Ticket> open;
    const std::lock_guard lock(mutex_);
    open.swap(open_);
  }

 private:
  mutable std::mutex mutex_;  // Guards all below.
  std::unordered_map<std::uint64_t, Ticket> open_;
  std::uint64_t next_ = 0;
};

class PolledRecord final : public Record {
 public:
  PolledRecord(std::shared_ptr<rdkafka::Handle> handle,
               std::shared_ptr<OpenTickets> tickets,
               KafkaRecord record)
      : handle_(std::move(handle)),
        record_(std::move(record)),
        tickets_(std::move(tickets)),
        id_(tickets_->Add(record_.TakeTicket())) {}
  PolledRecord(const PolledRecord&) = delete;
  PolledRecord& operator=(const PolledRecord&) = delete;
  ~PolledRecord() override { static_cast<void>(tickets_->Take(id_)); }

  [[nodiscard]] std::string_view topic() const noexcept override { return record_.topic(); }
  [[nodiscard]] std::int32_t partition() const noexcept override { return record_.partition(); }
  [[nodiscard]] std::int64_t offset() const noexcept override { return record_.offset(); }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept override {
    return record_.key();
  }
  [[nodiscard]] std::optional<std::string_view> value() const noexcept override {
    return record_.value();
  }
  [[nodiscard]] std::optional<Time> timestamp() const noexcept override {
    return record_.timestamp();
  }
  [[nodiscard]] std::vector<Header> headers() const override { return record_.headers(); }
  [[nodiscard]] bool Held() const noexcept override { return tickets_->Held(id_); }
  void Done() noexcept override { tickets_->Take(id_).Done(); }

 private:
  // First, so that it goes last: the record's memory is librdkafka's. Shared with the consumer.
  const std::shared_ptr<rdkafka::Handle> handle_;
  KafkaRecord record_;
  const std::shared_ptr<OpenTickets> tickets_;  // shared with the partition's outlet
  const std::uint64_t id_;
};

}  // namespace

/// Lends the records of one partition to the user.
class Inbox::Lender final : public Outlet {
 public:
  Lender(Inbox& inbox, TopicPartition at) : inbox_(inbox), at_(std::move(at)) {}

  void Take(KafkaRecord record) override {
    inbox_.items_.emplace_back(
        std::make_unique<PolledRecord>(inbox_.handle_, tickets_, std::move(record)));
  }
  void Stop() noexcept override {
    std::erase_if(inbox_.items_, [this](const Polled& item) {
      const auto* record = std::get_if<std::unique_ptr<Record>>(&item);
      return record != nullptr && (*record)->topic() == at_.topic &&
             (*record)->partition() == at_.partition;
    });
  }
  void GiveUp() noexcept override { tickets_->GiveUp(); }

 private:
  Inbox& inbox_;
  const TopicPartition at_;
  const std::shared_ptr<OpenTickets> tickets_ = std::make_shared<OpenTickets>();
};

Inbox::Inbox(std::shared_ptr<rdkafka::Handle> handle, bool report_end)
    : handle_(std::move(handle)), report_end_(report_end) {}

std::shared_ptr<Outlet> Inbox::NewOutlet(const TopicPartition& at) {
  return std::make_shared<Lender>(*this, at);
}

bool Inbox::Defer(const Partitions& partitions) {
  if (partitions.empty()) return false;
  items_.emplace_back(Revoking{partitions});
  return true;
}

void Inbox::ReachedEnd(const TopicPartition& at) {
  if (report_end_) items_.emplace_back(AtEnd{at});
}

Polled Inbox::Take() {
  if (items_.empty()) return Nothing{};
  Polled item = std::move(items_.front());
  items_.pop_front();
  return item;
}

void Inbox::Detach() {
  items_.clear();
  handle_.reset();
}

}  // namespace offsetstore
