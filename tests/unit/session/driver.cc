// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "driver.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "fault_store.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {

void EventLog::On(const Event& event) noexcept {
  const std::lock_guard lock(mutex_);
  events_.push_back(event);
}

std::size_t EventLog::Count(EventKind kind) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      events_.begin(), events_.end(), [&](const Event& event) { return event.kind == kind; }));
}

std::optional<Event> EventLog::Last(EventKind kind) const {
  const std::lock_guard lock(mutex_);
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (event->kind == kind) return *event;
  }
  return std::nullopt;
}

SessionOptions Driver::Fast() {
  SessionOptions options;
  options.group = "g";
  options.owner = "tester";
  options.commit_records = 1;
  options.commit_interval = Duration(20);
  options.max_uncommitted = kWindow;
  options.claim_check = Duration(50);
  options.backoff = Duration(10);
  options.backoff_max = Duration(50);
  return options;
}

void ProcessWindow(Driver& driver, const TopicPartition& at) {
  std::vector<Ticket> tickets = driver.Read(at, kWindow);
  REQUIRE(tickets.size() == kWindow);
  for (auto ticket = tickets.rbegin(); ticket != tickets.rend(); ++ticket) ticket->Done();
}

void CheckOpensAfterDoubt(Driver& driver,
                          FaultStore& faults,
                          const TopicPartition& at,
                          std::int64_t stored) {
  ProcessWindow(driver, at);
  REQUIRE(driver.Stored(at, stored + kWindow));
  REQUIRE(driver.WaitFor<Resume>());
  SUBCASE("applied") {
    faults.Script(FaultStore::Op::kCommit, InDoubtApplied());
  }
  SUBCASE("lost") {
    faults.Script(FaultStore::Op::kCommit, InDoubtLost());
  }
  ProcessWindow(driver, at);
  REQUIRE(driver.WaitFor<Resume>());
  CHECK(driver.events().Count(EventKind::kInDoubt) == 1);
  ProcessWindow(driver, at);
  CHECK(driver.Stored(at, stored + 3 * kWindow));
}

Driver::Driver(Setup setup)
    : client_(std::move(setup.client)),
      events_(std::make_shared<EventLog>()),
      store_(std::move(setup.store)),
      group_(setup.options.group) {
  if (store_ == nullptr) {
    auto bare = OpenMemoryStore({.space = {}, .world = std::move(setup.world)});
    REQUIRE(bare);
    store_ = WithLayers(*std::move(bare), {});
  }
  setup.options.listener = events_;
  auto session = Session::Open(store_, client_, std::move(setup.options));
  REQUIRE(session);
  session_ = *std::move(session);
}

std::vector<Action> Driver::Assign(const Partitions& partitions) {
  auto actions = session_->Assigned(partitions, Deadline::After(std::chrono::seconds(10)));
  for (const Action& action : actions) Obey(action);
  return actions;
}

void Driver::Obey(const Action& action) {
  if (const Add* add = std::get_if<Add>(&action)) reading[add->at] = add->position;
  if (const MoveTo* move = std::get_if<MoveTo>(&action)) reading[move->at] = move->position;
  seen.push_back(action);
}

bool Driver::TakeUntil(const std::function<bool(const Action&)>& match) {
  bool found = false;
  if (!session_->HasActions()) return false;  // As the adapters do it.
  for (const Action& action : session_->TakeActions()) {
    Obey(action);
    found = match(action) || found;
  }
  return found;
}

std::vector<Ticket> Driver::Read(const TopicPartition& at, int count) {
  std::vector<Ticket> tickets;
  for (int i = 0; i < count; ++i) {
    const Position position = reading.at(at);
    const Position next(position.value() + 1);
    auto ticket = session_->Delivered(at, position, next);
    if (!ticket) break;
    tickets.push_back(*std::move(ticket));
    reading[at] = next;
  }
  return tickets;
}

void Driver::Process(const TopicPartition& at, int count) {
  auto tickets = Read(at, count);
  REQUIRE(tickets.size() == static_cast<std::size_t>(count));
  for (Ticket& ticket : tickets) ticket.Done();
}

std::optional<std::int64_t> Driver::StoredNow(const TopicPartition& at) {
  const auto reads = store_->Fetch(
      group_, {.partitions = {at}, .topics = {}}, Deadline::After(std::chrono::seconds(5)));
  REQUIRE(reads);
  const Entry* entry = std::get_if<Entry>(&reads->front().slot);
  return entry == nullptr ? std::nullopt : std::optional(entry->position.value());
}

bool Driver::Stored(const TopicPartition& at, std::int64_t position) {
  return Eventually([&] { return StoredNow(at) == position; });
}

std::vector<Outcome> Driver::Revoke(const Partitions& partitions) {
  auto outcomes = session_->Revoked(partitions, Deadline::After(std::chrono::seconds(10)));
  REQUIRE(outcomes);
  return *std::move(outcomes);
}

Outcome Set(OffsetStore& store,
            const std::string& group,
            const TopicPartition& at,
            std::int64_t position) {
  Move move;
  move.at = at;
  move.to = Position(position);
  move.kind = Kind::kSet;
  auto outcomes = store.Commit(group,
                               std::vector{move},
                               ThisProcess(Owner::Kind::kOperator, "ops"),
                               Atomicity::kEach,
                               Deadline::After(std::chrono::seconds(5)));
  REQUIRE(outcomes);
  return std::move(outcomes->front());
}

}  // namespace offsetstore::testing
