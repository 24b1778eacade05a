#include <csignal>
#include <iostream>
#include <thread>

#include "offsetstore/consumer.h"

int main(int /*argc*/, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([&, got = 0]() mutable { sigwait(&signals, &got), stop.request_stop(); }).detach();
  auto consumer = offsetstore::Consumer::Open(argv[1]);  // app.properties
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  const auto work = [](offsetstore::Record& record) -> offsetstore::Status {
    std::cout << record.partition() << ":" << record.offset() << std::endl;  // your work here
    return {};  // now its position may be stored; an error or an exception would end Run
  };
  const auto status = (*consumer)->Run(work, stop.get_token());
  if (!status) std::cerr << ToString(status.error()) << "\n";
  return status ? 0 : 1;
}
