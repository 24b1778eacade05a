// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// torture_child PROPERTIES RESULTS EVENTS: a consumer that appends one line per processed record to
// RESULTS and one per event to EVENTS, until it is killed, or stopped by SIGTERM.
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <stop_token>
#include <thread>

#include "offsetstore/consumer.h"

namespace {

using offsetstore::Status;

/// Events as lines, each by one write: a kill leaves whole lines.
class EventFile final : public offsetstore::Listener {
 public:
  explicit EventFile(int fd) : fd_(fd) {}
  void On(const offsetstore::Event& event) noexcept override {
    const std::string line = ToString(event) + '\n';
    if (::write(fd_, line.data(), line.size()) < 0) std::perror("events");
  }

 private:
  int fd_;
};

int OpenToAppend(const char* path) {
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) std::perror(path);
  return fd;
}

Status Note(int fd, const offsetstore::Record& record) {
  std::array<char, 32> line{};
  const int size = std::snprintf(line.data(),
                                 line.size(),
                                 "%03d %010lld\n",
                                 record.partition(),
                                 static_cast<long long>(record.offset()));
  if (::write(fd, line.data(), static_cast<std::size_t>(size)) != size) {
    return MakeError(offsetstore::ErrorCode::kUnavailable, "cannot write a result");
  }
  return {};
}

int Consume(const char* properties, int results, int events, std::stop_token stop) {
  offsetstore::ConsumerOptions options;
  options.listener = std::make_shared<EventFile>(events);
  auto consumer = offsetstore::Consumer::Open(std::filesystem::path(properties), options);
  Status status;
  if (consumer) {
    status = (*consumer)->Run(
        [results](offsetstore::Record& record) { return Note(results, record); }, std::move(stop));
  } else {
    status = std::move(consumer).error();
  }
  if (status) return 0;
  const std::string line = "ended " + ToString(status.error()) + '\n';
  if (::write(events, line.data(), line.size()) < 0) std::perror("events");
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int results = OpenToAppend(argv[2]);
  const int events = OpenToAppend(argv[3]);
  if (results < 0 || events < 0) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([signals, &stop] {
    int signal = 0;
    if (sigwait(&signals, &signal) == 0) stop.request_stop();
  }).detach();
  const int code = Consume(argv[1], results, events, stop.get_token());
  // The detached thread may still wait for its signal: leave without unwinding it.
  std::fflush(nullptr);
  ::_exit(code);
}
