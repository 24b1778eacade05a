// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// torture_child PROPERTIES RESULTS EVENTS: a consumer that appends one line per processed record to
// RESULTS and one per event to EVENTS, until it is killed, or stopped by SIGTERM.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "child_program.h"
#include "offsetstore/consumer.h"

namespace offsetstore::testing {
namespace {

int OpenToAppend(const char* path) {
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) std::perror(path);
  return fd;
}

Status Note(int fd, const Record& record) {
  std::array<char, 32> line{};
  const int size = std::snprintf(line.data(),
                                 line.size(),
                                 "%03d %010lld\n",
                                 record.partition(),
                                 static_cast<long long>(record.offset()));
  if (::write(fd, line.data(), static_cast<std::size_t>(size)) != size) {
    return MakeError(ErrorCode::kUnavailable, "cannot write a result");
  }
  return {};
}

Status ConsumeInto(int results,
                   const Properties& properties,
                   const std::shared_ptr<EventFile>& events,
                   std::stop_token stop) {
  ConsumerOptions options;
  options.listener = events;
  auto consumer = Consumer::Open(properties, options);
  if (!consumer) return std::move(consumer).error();
  return (*consumer)->Run([results](Record& record) { return Note(results, record); },
                          std::move(stop));
}

}  // namespace
}  // namespace offsetstore::testing

int main(int argc, char** argv) {
  namespace testing = offsetstore::testing;
  const int results = argc == 4 ? testing::OpenToAppend(argv[2]) : -1;
  if (results < 0) return 2;
  return testing::RunChild(argc, argv, [results](const auto& properties, auto& events, auto stop) {
    return testing::ConsumeInto(results, properties, events, std::move(stop));
  });
}
