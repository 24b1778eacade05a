// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Somebody else's program: `outside URI commit` writes one position, `outside URI read` prints it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "offsetstore/backends/file.h"
#include "offsetstore/backends/sqlite.h"
#include "offsetstore/open.h"
#if __has_include("offsetstore/consumer.h")
#include "offsetstore/consumer.h"
#endif
#if __has_include("offsetstore/prometheus.h")
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "offsetstore/prometheus.h"
#endif

namespace {

using offsetstore::Deadline;
using offsetstore::OffsetStore;

constexpr std::string_view kGroup = "billing";
const offsetstore::TopicPartition kPartition{"orders", 3};

Deadline Soon() {
  return Deadline::After(std::chrono::seconds(10));
}

offsetstore::Status Commit(OffsetStore& store) {
  offsetstore::Move move;
  move.at = kPartition;
  move.to = offsetstore::Position(42);
  const auto by = offsetstore::ThisProcess(offsetstore::Owner::Kind::kMember);
  auto answers = store.Commit(kGroup, std::vector{move}, by, offsetstore::Atomicity::kEach, Soon());
  if (!answers) return answers.error();
  if (!answers->front().Ok()) {
    return offsetstore::MakeError(offsetstore::ErrorCode::kInternal, "the commit was not applied");
  }
  return store.Close(Soon());
}

offsetstore::Status Print(OffsetStore& store) {
  auto reads = store.Fetch(kGroup, {{kPartition}, {}}, Soon());
  if (!reads) return reads.error();
  const auto* entry = std::get_if<offsetstore::Entry>(&reads->front().slot);
  if (entry == nullptr) {
    return offsetstore::MakeError(offsetstore::ErrorCode::kInternal, "nothing is stored");
  }
  std::cout << kPartition.topic << ':' << kPartition.partition << '=' << entry->position.value()
            << '\n';
  return store.Close(Soon());
}

offsetstore::Status Run(std::string_view uri, std::string_view verb) {
  offsetstore::BackendRegistry registry;
  if (auto added = offsetstore::RegisterFileBackend(registry); !added) return added;
  if (auto added = offsetstore::RegisterSqliteBackend(registry); !added) return added;
  offsetstore::OpenOptions options;
#if __has_include("offsetstore/prometheus.h")
  auto metrics = offsetstore::PrometheusMetrics::Make();
  if (!metrics) return metrics.error();
  options.metrics = metrics->get();
#endif
  auto store = offsetstore::OpenStore(registry, uri, options, Soon());
  if (!store) return store.error();
#if __has_include("offsetstore/prometheus.h")
  if ((*metrics)->Exposed()->Collect().empty()) {
    return offsetstore::MakeError(offsetstore::ErrorCode::kInternal, "nothing is measured");
  }
#endif
  return verb == "commit" ? Commit(**store) : Print(**store);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
#if __has_include("offsetstore/consumer.h")
  // The adapter is linked too: a configuration that is not there is refused, not a crash.
  if (offsetstore::Consumer::Open("/nonexistent/app.properties")) return 3;
#endif
  if (auto done = Run(argv[1], argv[2]); !done) {
    std::cerr << "outside: " << offsetstore::ToString(done.error()) << '\n';
    return 1;
  }
  return 0;
}
