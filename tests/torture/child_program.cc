// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "child_program.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

namespace offsetstore::testing {

void EventFile::Write(std::string line) const noexcept {
  line += '\n';
  if (::write(fd_, line.data(), line.size()) < 0) std::perror("events");
}

int RunChild(int argc, char** argv, const Consume& consume) {
  if (argc != 4) return 2;
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
  const auto properties = ReadProperties(argv[1]);
  const Status status =
      properties ? consume(*properties, events, stop.get_token()) : Status(properties.error());
  if (!status) events->Write("ended " + ToString(status.error()));
  // The detached thread may still wait for its signal: leave without unwinding it.
  std::fflush(nullptr);
  ::_exit(status ? 0 : 1);
}

}  // namespace offsetstore::testing
