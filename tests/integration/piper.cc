// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "piper.h"

#include <stdexcept>
#include <utility>

namespace offsetstore::testing {

Pipe::Pipe(int count) : partitions(count), input(count), output(kOutputs) {
  input.Fill(kRecords);
}

Config Pipe::For(const std::string& id) const {
  Config config = Grouped(Basic(group, "kafka:"), input);
  config["offsetstore.delivery"] = "exactly-once";
  config["offsetstore.batch.records"] = "64";
  config["offsetstore.batch.interval"] = "10ms";
  config["offsetstore.on.error.backoff"] = "1ms";
  config["offsetstore.on.error.backoff.max"] = "100ms";
  config["transactional.id"] = group + id;
  config["linger.ms"] = "0";
  return config;
}

CommittedResults::Tally Pipe::Results() const {
  return CommittedResults(KafkaBrokers(), output.name(), kOutputs).Count();
}

bool Pipe::IsDoneOnce() const {
  CommittedResults results(KafkaBrokers(), output.name(), kOutputs);
  const bool done = Eventually([&] { return results.Count().distinct == total(); });
  return done && results.Count().rows == total();
}

std::int64_t Pipe::Positions() const {
  const auto store = OpenBeside("kafka://" + KafkaBrokers());
  std::int64_t sum = 0;
  for (int i = 0; i < partitions; ++i) sum += Stored(*store, group, input.At(i)).value_or(0);
  return sum;
}

Status WriteResults(const Pipe& pipe, std::span<Record* const> records, Output& output) {
  for (const Record* record : records) {
    const std::string value =
        std::to_string(record->partition()) + ' ' + std::to_string(record->offset());
    Status written = output.Produce({.topic = pipe.output.name(), .key = value, .value = value});
    if (!written) return written;
  }
  return {};
}

Piper::Piper(const Pipe& pipe, const Config& config, Work work)
    : run_(config, [&pipe, work = std::move(work)](Consumer& consumer, std::stop_token stop) {
        return consumer.RunToKafka(
            [&](std::span<Record* const> records, Output& output) {
              return work ? work(records, output) : WriteResults(pipe, records, output);
            },
            std::move(stop));
      }) {}

}  // namespace offsetstore::testing
