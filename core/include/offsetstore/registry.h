// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Opens one store from its URI, without layers.
using StoreFactory = std::function<Result<std::unique_ptr<OffsetStore>>(const Uri&, Deadline)>;

struct BackendInfo {
  std::string name;                  ///< `sqlite`.
  std::vector<std::string> schemes;  ///< `sqlite`.
  std::string summary;               ///< One line for `offsetctl stores`.
  std::string example;               ///< `sqlite:///var/lib/app/offsets.db`.
  StoreFactory open;                 ///< Empty: known, but not built into this binary.
};

/// The backends of a program. An object, not a global: nothing registers itself (the linker drops
/// static initialisers of a static archive). Threads: fill it first, then any.
class BackendRegistry {
 public:
  /// Adds a backend. `InvalidArgument` where one of its schemes is taken by a backend that was
  /// built; a known-but-not-built one is replaced.
  [[nodiscard]] Status Add(BackendInfo backend);

  /// Opens the bare store of `uri.scheme`. An unknown scheme is `ConfigInvalid` and lists the
  /// known ones; one that was not built says which option builds it.
  [[nodiscard]] Result<std::unique_ptr<OffsetStore>> Open(const Uri& uri, Deadline deadline) const;

  /// All backends, in the order of registration.
  [[nodiscard]] const std::vector<BackendInfo>& backends() const noexcept { return backends_; }

 private:
  std::vector<BackendInfo> backends_;
};

}  // namespace offsetstore
