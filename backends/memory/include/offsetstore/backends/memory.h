// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "offsetstore/registry.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// What the stores of one process share: it is the storage. Gone with its last user.
class MemoryWorld;

/// A new, empty world, with a store id of its own.
[[nodiscard]] std::shared_ptr<MemoryWorld> NewMemoryWorld();

/// While it lives, every call of every store on `world` waits, up to its deadline: how a test sees
/// what its own code does with a store that hangs. Waits itself until running calls have ended.
class MemoryPause {
 public:
  explicit MemoryPause(std::shared_ptr<MemoryWorld> world);
  MemoryPause(const MemoryPause&) = delete;
  MemoryPause& operator=(const MemoryPause&) = delete;
  ~MemoryPause();

 private:
  std::shared_ptr<MemoryWorld> world_;
};

struct MemoryOptions {
  std::string space;                   ///< Which world the keys belong to.
  std::shared_ptr<MemoryWorld> world;  ///< Shared by the stores of a process; null = a new one.

  /// `memory:` or `memory:?space=NAME`. `ConfigInvalid` for a host, a path and any other key.
  [[nodiscard]] static Result<MemoryOptions> FromUri(const Uri& uri);
};

/// Opens a store without layers. Keeps positions as long as its world lives, no longer. Never
/// fails today.
[[nodiscard]] Result<std::unique_ptr<OffsetStore>> OpenMemoryStore(MemoryOptions options);

/// Adds `memory:`, which opens a new world each time.
[[nodiscard]] Status RegisterMemoryBackend(BackendRegistry& registry);

}  // namespace offsetstore
