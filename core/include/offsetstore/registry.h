// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/deadline.h"
#include "offsetstore/examine.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "offsetstore/uri.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// Opens one store from its URI, without layers.
using StoreFactory = std::function<Result<std::unique_ptr<OffsetStore>>(const Uri&, Deadline)>;

/// Looks at the store of a URI and the server behind it. Changes nothing and makes nothing, also
/// where the URI says `create=true`. Errors: as its `StoreFactory`.
using StoreExaminer = std::function<Result<Examination>(const Uri&, Deadline)>;

/// The statements that make what a store of that URI needs, for an administrator to run by himself.
/// Connects to nothing. `ConfigInvalid` for the URI.
using SchemaWriter = std::function<Result<std::string>(const Uri&)>;

struct BackendInfo {
  std::string name;                  ///< `sqlite`.
  std::vector<std::string> schemes;  ///< `sqlite`.
  std::string summary;               ///< One line for `offsetctl stores`.
  std::string example;               ///< `sqlite:///var/lib/app/offsets.db`.
  StoreFactory open;                 ///< Empty: known, but not built into this binary.
  StoreExaminer examine = nullptr;   ///< Empty: opening it is all that can be looked at.
  SchemaWriter schema = nullptr;     ///< Empty: there is nothing to make beforehand.
  bool made_by_opening = false;      ///< Opening makes it, unless its URI says `create=false`.
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

  /// Looks at the store of `uri` (`BackendInfo::examine`). Errors as `Open`.
  [[nodiscard]] Result<Examination> Examine(const Uri& uri, Deadline deadline) const;

  /// The statements that make the store of `uri` (`BackendInfo::schema`). `Unsupported` where its
  /// kind needs none; else errors as `Open`.
  [[nodiscard]] Result<std::string> Schema(const Uri& uri) const;

  /// All backends, in the order of registration.
  [[nodiscard]] const std::vector<BackendInfo>& backends() const noexcept { return backends_; }

 private:
  /// The backend that serves `uri`, and was built.
  [[nodiscard]] Result<const BackendInfo*> Find(const Uri& uri) const;

  std::vector<BackendInfo> backends_;
};

}  // namespace offsetstore
