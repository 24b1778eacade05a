// A consumer whose numbers Prometheus scrapes: metrics APP.PROPERTIES PORT
#include <prometheus/exposer.h>

#include <csignal>
#include <iostream>
#include <thread>

#include "offsetstore/consumer.h"
#include "offsetstore/prometheus.h"

int main(int /*argc*/, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([&, got = 0]() mutable { sigwait(&signals, &got), stop.request_stop(); }).detach();

  auto metrics = *offsetstore::PrometheusMetrics::Make();
  prometheus::Exposer exposer("127.0.0.1:" + std::string(argv[2]));
  exposer.RegisterCollectable(metrics->Exposed());

  offsetstore::ConsumerOptions options;
  options.metrics = metrics.get();
  auto consumer = offsetstore::Consumer::Open(argv[1], options);
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  const auto watch = metrics->WatchConsumer("example", [&] { return (*consumer)->State(); });
  std::cout << "port " << exposer.GetListeningPorts().at(0) << std::endl;

  const auto work = [](offsetstore::Record& record) -> offsetstore::Status {
    std::cout << record.partition() << ":" << record.offset() << std::endl;  // your work here
    return {};
  };
  const auto status = (*consumer)->Run(work, stop.get_token());
  if (!status) std::cerr << ToString(status.error()) << "\n";
  return status ? 0 : 1;
}
