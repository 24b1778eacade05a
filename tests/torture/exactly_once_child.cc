// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// exactly_once_child PROPERTIES RESULTS EVENTS: a consumer that writes one row per record into the
// table of results in the database of its positions, and one line per event to EVENTS, until it is
// killed, kills itself (mortal.h), or is stopped by SIGTERM. RESULTS is not used.
#include <cstdlib>

#include "child_program.h"
#include "mortal.h"
#include "offsetstore/builtin.h"
#include "offsetstore/consumer.h"
#include "result_table.h"

namespace offsetstore::testing {
namespace {

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

Status ConsumeInto(const Properties& properties,
                   const std::shared_ptr<EventFile>& events,
                   std::stop_token stop) {
  const auto results = OpenResultTable(properties.Find("offsetstore.uri")->value);
  const BackendRegistry registry = MortalBackends();
  ConsumerOptions options;
  options.listener = events;
  options.registry = &registry;
  auto consumer = Consumer::Open(properties, options);
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

}  // namespace
}  // namespace offsetstore::testing

int main(int argc, char** argv) {
  return offsetstore::testing::RunChild(argc, argv, &offsetstore::testing::ConsumeInto);
}
