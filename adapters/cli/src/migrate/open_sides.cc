// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate/open_sides.h"

#include <algorithm>
#include <utility>

#include "cluster_options.h"
#include "internal/macros.h"
#include "offsetstore/uri.h"

namespace offsetstore::cli {
namespace {

// A broker answers one request of a connection at a time; more than a few handles only wait for
// the same disk.
constexpr std::size_t kMostHandles = 8;

}  // namespace

migration::GroupWatch* OpenedSide::Watch() const noexcept {
  return cluster != nullptr ? cluster.get() : watch.get();
}

Status OpenedSide::Close(Duration timeout) {
  Status first;
  for (const auto& store : stores) {
    const Status closed = store->Close(Deadline::After(timeout));
    if (first && !closed) first = closed;
  }
  return first;
}

Result<OpenedSide> OpenSide(const BackendRegistry& registry,
                            const std::string& text,
                            Purpose purpose,
                            std::size_t parallel,
                            Duration timeout) {
  OS_ASSIGN_OR_RETURN(const Uri uri, ParseUri(text));
  OpenedSide side;
  const StoreArguments arguments{text, timeout, OutputForm::kTable};
  const std::size_t handles = uri.scheme == "kafka" ? std::min(parallel, kMostHandles) : 1;
  while (side.stores.size() < handles) {
    OS_ASSIGN_OR_RETURN(std::unique_ptr<OffsetStore> store,
                        Open(registry, arguments, purpose, Deadline::After(timeout)));
    side.stores.push_back(std::move(store));
  }
  const Deadline deadline = Deadline::After(timeout);
  OS_ASSIGN_OR_RETURN(side.cluster, OpenClusterIfAny({}, text, deadline));
  if (side.cluster != nullptr) return side;
  OS_ASSIGN_OR_RETURN(side.watch, OpenWatch(text, deadline));
  return side;
}

migration::Sides Borrow(const OpenedSide& source, const OpenedSide& target) {
  migration::Sides sides;
  for (const auto& store : source.stores) sides.source.push_back(store.get());
  for (const auto& store : target.stores) sides.target.push_back(store.get());
  sides.source_watch = source.Watch();
  sides.target_watch = target.Watch();
  sides.logs = target.cluster.get();
  return sides;
}

}  // namespace offsetstore::cli
