// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rig.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "rdkafka/partition_list.h"

namespace offsetstore::testing {
namespace {

constexpr std::chrono::seconds kBound{30};

[[noreturn]] void Throw(const Error& error) {
  throw std::runtime_error(ToString(error));
}

}  // namespace

Topic::Topic(int partitions) : name_("it-" + Nonce::Random().Hex()) {
  Grow(partitions);
}

void Topic::Grow(int partitions) {
  partitions_ = partitions;
  const TopicPartition last = At(partitions - 1);
  EnsureTopics(KafkaBrokers(), {&last, 1});
}

void Topic::Fill(int records_each) {
  for (int partition = 0; partition < partitions_; ++partition) {
    Produce(KafkaBrokers(), At(partition), records_each);
  }
}

void Topic::DeleteBefore(const TopicPartition& at, std::int64_t position) const {
  const auto handle = NewHandle(RD_KAFKA_PRODUCER, KafkaBrokers());
  rdkafka::PartitionList list;
  list.Add(at, position);
  const std::unique_ptr<rd_kafka_DeleteRecords_t, decltype(&rd_kafka_DeleteRecords_destroy)> wanted(
      rd_kafka_DeleteRecords_new(list.get()), &rd_kafka_DeleteRecords_destroy);
  rd_kafka_DeleteRecords_t* one = wanted.get();
  rdkafka::Queue queue(handle->get());
  rd_kafka_DeleteRecords(handle->get(), &one, 1, nullptr, queue.get());
  const rdkafka::Event event = queue.PollUntil(Deadline::After(kBound));
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("records were not deleted");
  }
}

void Recorder::On(const Event& event) noexcept {
  const std::lock_guard lock(mutex_);
  events_.push_back(event);
}

std::vector<Event> Recorder::All() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::size_t Recorder::Count(EventKind kind) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count(events_, kind, &Event::kind));
}

std::optional<Event> Recorder::Wait(EventKind kind) const {
  std::optional<Event> found;
  static_cast<void>(Eventually([&] {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::find(events_, kind, &Event::kind);
    if (first != events_.end()) found = *first;
    return found.has_value();
  }));
  return found;
}

std::string Recorder::Text() const {
  std::string text;
  for (const Event& event : All()) text += ToString(event) + "\n";
  return text;
}

std::string FileUri(const TempDir& dir) {
  return "file://" + (dir / "offsets").string();
}
std::string SqliteUri(const TempDir& dir) {
  return "sqlite://" + (dir / "offsets.db").string();
}

Config Basic(const std::string& group, const std::string& uri, const std::string& brokers) {
  return {{"bootstrap.servers", brokers},
          {"group.id", group},
          {"offsetstore.uri", uri},
          {"offsetstore.commit.interval", "100ms"},
          {"offsetstore.claim.check", "300ms"}};
}

Config Grouped(Config config, const Topic& topic, const std::string& strategy) {
  config["topics"] = topic.name();
  if (strategy == "consumer") {
    config["group.protocol"] = "consumer";
    return config;
  }
  config["session.timeout.ms"] = "1000";
  config["heartbeat.interval.ms"] = "300";
  if (!strategy.empty()) config["partition.assignment.strategy"] = strategy;
  return config;
}

Properties ToProperties(const Config& config) {
  Properties properties;
  properties.source = "test.properties";
  int line = 0;
  for (const auto& [key, value] : config) properties.entries.push_back({key, value, ++line});
  return properties;
}

std::string UniqueGroup() {
  return "group-" + Nonce::Random().Hex();
}

ConsumerThread::ConsumerThread(const Config& config, Run run)
    : recorder_(std::make_shared<Recorder>()) {
  ConsumerOptions options;
  options.listener = recorder_;
  auto opened = Consumer::Open(ToProperties(config), options);
  if (!opened) Throw(opened.error());
  consumer_ = *std::move(opened);
  thread_ = std::jthread([this, run = std::move(run)](std::stop_token stop) {
    Status status = run(*consumer_, std::move(stop));
    const std::lock_guard lock(mutex_);
    ended_ = std::move(status);
  });
}

Status ConsumerThread::Stop() {
  thread_.request_stop();
  auto ended = Ended();
  if (!ended) throw std::runtime_error("the run did not end");
  return *std::move(ended);
}

std::optional<Status> ConsumerThread::Ended() {
  static_cast<void>(Eventually([&] {
    const std::lock_guard lock(mutex_);
    return ended_.has_value();
  }));
  const std::lock_guard lock(mutex_);
  return ended_;
}

Member::Member(const Config& config, Handler handler)
    : run_(config, [this, handler = std::move(handler)](Consumer& consumer, std::stop_token stop) {
        return consumer.Run([&](Record& record) { return Handle(handler, record); },
                            std::move(stop));
      }) {}

Status Member::Handle(const Handler& handler, Record& record) {
  if (handler) {
    if (Status handled = handler(record); !handled) return handled;
  }
  const std::lock_guard lock(mutex_);
  handled_[{std::string(record.topic()), record.partition()}].push_back(record.offset());
  ++count_;
  return {};
}

Member::Offsets Member::Handled() const {
  const std::lock_guard lock(mutex_);
  return handled_;
}

std::size_t Member::Count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Member::WaitForCount(std::size_t records) const {
  return Eventually([&] { return Count() >= records; });
}

bool Member::WaitForEnd() const {
  return Eventually([&] { return State().all_at_end; });
}

std::size_t Member::Active() const {
  const ConsumerState state = State();
  return static_cast<std::size_t>(std::ranges::count_if(state.partitions, [](const auto& one) {
    return one.state.phase == PartitionState::Phase::kActive;
  }));
}

std::unique_ptr<OffsetStore> OpenBeside(const std::string& uri) {
  BackendRegistry registry;
  if (Status status = RegisterBuiltinBackends(registry); !status) Throw(status.error());
  auto store = OpenStore(registry, uri, {}, Deadline::After(kBound));
  if (!store) Throw(store.error());
  return *std::move(store);
}

std::optional<std::int64_t> Stored(OffsetStore& store,
                                   const std::string& group,
                                   const TopicPartition& at) {
  const auto answers = store.Fetch(group, {{at}, {}}, Deadline::After(kBound));
  if (!answers) Throw(answers.error());
  const offsetstore::Slot& slot = answers->at(0).slot;
  if (const auto* error = std::get_if<Error>(&slot)) Throw(*error);
  if (const auto* entry = std::get_if<Entry>(&slot)) return entry->position.value();
  return std::nullopt;
}

Outcome OperatorSet(OffsetStore& store,
                    const std::string& group,
                    const TopicPartition& at,
                    std::int64_t position) {
  Move move;
  move.at = at;
  move.to = Position(position);
  move.kind = Kind::kSet;
  auto answers = store.Commit(group,
                              {&move, 1},
                              ThisProcess(Owner::Kind::kOperator, "operator"),
                              Atomicity::kEach,
                              Deadline::After(kBound));
  if (!answers) Throw(answers.error());
  return answers->at(0);
}

std::vector<std::int64_t> Sequence(std::int64_t first, std::int64_t end) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(end - first));
  std::iota(offsets.begin(), offsets.end(), first);
  return offsets;
}

}  // namespace offsetstore::testing
