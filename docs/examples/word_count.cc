// Counts words from topic to topic, exactly once. docs/examples/word_count.md tells the whole.
//   word_count app.properties OUTPUT
#include <csignal>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "offsetstore/consumer.h"

namespace {

/// How often each word is in the texts of a batch.
std::map<std::string, int> Count(std::span<offsetstore::Record* const> texts) {
  std::map<std::string, int> counts;
  for (const offsetstore::Record* text : texts) {
    std::istringstream words{std::string(text->value().value_or(""))};
    for (std::string word; words >> word;) ++counts[word];
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: word_count app.properties OUTPUT\n", 2;
  const std::string topic = argv[2];
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([&, got = 0]() mutable { sigwait(&signals, &got), stop.request_stop(); }).detach();

  auto consumer = offsetstore::Consumer::Open(argv[1]);
  if (!consumer) return std::cerr << ToString(consumer.error()) << "\n", 1;
  const auto work = [&](std::span<offsetstore::Record* const> texts,
                        offsetstore::Output& output) -> offsetstore::Status {
    for (const auto& [word, count] : Count(texts)) {
      const std::string value = std::to_string(count);
      auto written = output.Produce({.topic = topic, .key = word, .value = value});
      if (!written) return written;  // The transaction is aborted, and the run ends.
    }
    return {};  // Now the counts and the positions of the texts are committed together.
  };
  const auto status = (*consumer)->RunToKafka(work, stop.get_token());
  if (!status) std::cerr << ToString(status.error()) << "\n";
  return status ? 0 : 1;
}
