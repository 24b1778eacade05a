// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// A consumer that writes one result per record to the topic `OFFSETSTORE_OUTPUT`, exactly once,
// until it is killed, kills itself (mortal.h), or is stopped. See `RunChild`.
#include <cstdlib>
#include <string>

#include "child_program.h"
#include "mortal.h"
#include "offsetstore/consumer.h"

namespace offsetstore::testing {
namespace {

Status Write(const std::string& topic, std::span<Record* const> records, Output& output) {
  for (const Record* record : records) {
    const std::string value =
        std::to_string(record->partition()) + ' ' + std::to_string(record->offset());
    if (Status written = output.Produce({.topic = topic, .key = value, .value = value}); !written) {
      return written;
    }
  }
  return {};
}

Status WriteMortally(const std::string& topic, std::span<Record* const> records, Output& output) {
  Pass("before results");
  const std::size_t half = records.size() / 2;
  Status written = Write(topic, records.first(half), output);
  Pass("amid results");
  if (written) written = Write(topic, records.subspan(half), output);
  Pass("after results");
  return written;
}

Status ConsumeToTopic(const Properties& properties,
                      const std::shared_ptr<EventFile>& events,
                      std::stop_token stop) {
  const char* topic = std::getenv("OFFSETSTORE_OUTPUT");
  if (topic == nullptr) return MakeError(ErrorCode::kConfigInvalid, "OFFSETSTORE_OUTPUT");
  ConsumerOptions options;
  options.listener = events;
  auto consumer = Consumer::Open(properties, options);
  if (!consumer) return std::move(consumer).error();
  return (*consumer)->RunToKafka(
      [topic = std::string(topic)](std::span<Record* const> records, Output& output) {
        return WriteMortally(topic, records, output);
      },
      std::move(stop));
}

}  // namespace
}  // namespace offsetstore::testing

int main(int argc, char** argv) {
  return offsetstore::testing::RunChild(argc, argv, &offsetstore::testing::ConsumeToTopic);
}
