// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// exactly_once_child PROPERTIES RESULTS EVENTS: a consumer that writes one row per record into the
// table of results in the database of its positions, and one line per event to EVENTS, until it is
// killed, kills itself (mortal.h), or is stopped by SIGTERM. RESULTS is not used.
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stop_token>
#include <thread>

#include "mortal.h"
#include "offsetstore/builtin.h"
#include "offsetstore/consumer.h"
#include "result_table.h"

namespace offsetstore::testing {
namespace {

class EventFile final : public Listener {
 public:
  explicit EventFile(int fd) : fd_(fd) {}
  void On(const Event& event) noexcept override { Write(ToString(event)); }
  void Write(std::string line) const noexcept {
    line += '\n';
    if (::write(fd_, line.data(), line.size()) < 0) std::perror("events");
  }

 private:
  int fd_;
};

/// Every backend, each store of which passes the points of `MortalStore`.
BackendRegistry MortalBackends() {
  BackendRegistry builtin;
  BackendRegistry mortal;
  if (!RegisterBuiltinBackends(builtin)) std::abort();
  for (BackendInfo backend : builtin.backends()) {
    if (backend.open == nullptr) continue;
    backend.open = [open = backend.open](
                       const Uri& uri, Deadline deadline) -> Result<std::unique_ptr<OffsetStore>> {
      auto store = open(uri, deadline);
      if (!store) return store;
      return std::unique_ptr<OffsetStore>(std::make_unique<MortalStore>(*std::move(store)));
    };
    if (!mortal.Add(std::move(backend))) std::abort();
  }
  return mortal;
}

Status Write(ResultTable& results, std::span<Record* const> records) {
  Pass("before results");
  const std::size_t half = records.size() / 2;
  Status written = results.Write(records.first(half));
  Pass("amid results");
  if (written) written = results.Write(records.subspan(half));
  Pass("after results");
  return written;
}

Status Consume(const char* file, const std::shared_ptr<EventFile>& events, std::stop_token stop) {
  const auto properties = ReadProperties(file);
  if (!properties) return properties.error();
  const auto results = OpenResultTable(properties->Find("offsetstore.uri")->value);
  const BackendRegistry registry = MortalBackends();
  ConsumerOptions options;
  options.listener = events;
  options.registry = &registry;
  auto consumer = Consumer::Open(*properties, options);
  if (!consumer) return std::move(consumer).error();
  const OpenTransactional open =
      [&](const StoreInfo& store,
          const std::string& group,
          Deadline deadline) -> Result<std::unique_ptr<TransactionalPositions>> {
    auto positions = results->Positions(store, group, deadline);
    if (!positions) return positions;
    return std::unique_ptr<TransactionalPositions>(
        std::make_unique<MortalPositions>(*std::move(positions)));
  };
  return (*consumer)->RunTransactions(
      open,
      [&](std::span<Record* const> records) { return Write(*results, records); },
      std::move(stop));
}

int Main(char** argv) {
  const int fd = ::open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return 2;
  const auto events = std::make_shared<EventFile>(fd);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([signals, &stop] {
    int signal = 0;
    if (sigwait(&signals, &signal) == 0) stop.request_stop();
  }).detach();
  const Status status = Consume(argv[1], events, stop.get_token());
  if (!status) events->Write("ended " + ToString(status.error()));
  // The detached thread may still wait for its signal: leave without unwinding it.
  std::fflush(nullptr);
  ::_exit(status ? 0 : 1);
}

}  // namespace
}  // namespace offsetstore::testing

int main(int argc, char** argv) {
  return argc == 4 ? offsetstore::testing::Main(argv) : 2;
}
