// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/registry.h"

#include <algorithm>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

bool Serves(const BackendInfo& backend, std::string_view scheme) {
  return std::find(backend.schemes.begin(), backend.schemes.end(), scheme) != backend.schemes.end();
}

Error UnknownScheme(const Uri& uri, const std::vector<BackendInfo>& backends) {
  std::vector<std::string> known;
  for (const BackendInfo& backend : backends) {
    known.insert(known.end(), backend.schemes.begin(), backend.schemes.end());
  }
  std::string message = "unknown scheme '" + Printable(uri.scheme) + "' in " + uri.text;
  // Opened by `OpenStore`, over two of the others.
  if (!known.empty() && uri.scheme != kDualScheme) known.emplace_back(kDualScheme);
  const std::string_view nearest = Nearest(uri.scheme, known);
  if (!nearest.empty()) message += "; did you mean '" + std::string(nearest) + "'?";
  std::string list;
  for (const std::string& scheme : known) list += (list.empty() ? "" : ", ") + scheme;
  message += list.empty() ? "; no backend is registered" : " (known: " + list + ')';
  return MakeError(ErrorCode::kConfigInvalid, std::move(message));
}

}  // namespace

Status BackendRegistry::Add(BackendInfo backend) {
  for (const std::string& scheme : backend.schemes) {
    const auto taken = std::find_if(backends_.begin(), backends_.end(), [&](const auto& other) {
      return other.open && Serves(other, scheme);
    });
    if (taken == backends_.end()) continue;
    return MakeError(ErrorCode::kInvalidArgument,
                     "scheme '" + Printable(scheme) + "' of backend '" + Printable(backend.name) +
                         "' is taken by backend '" + Printable(taken->name) + '\'');
  }
  std::erase_if(backends_, [&](const BackendInfo& other) {
    return std::any_of(backend.schemes.begin(),
                       backend.schemes.end(),
                       [&](const std::string& scheme) { return Serves(other, scheme); });
  });
  backends_.push_back(std::move(backend));
  return {};
}

Result<const BackendInfo*> BackendRegistry::Find(const Uri& uri) const {
  const auto found = std::find_if(backends_.begin(), backends_.end(), [&](const auto& backend) {
    return Serves(backend, uri.scheme);
  });
  if (found == backends_.end()) return UnknownScheme(uri, backends_);
  if (!found->open) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "backend '" + found->name + "' for " + uri.text +
                         " is not built into this program; configure the build with "
                         "-DOFFSETSTORE_BACKENDS=\"...;" +
                         found->name + '"');
  }
  return &*found;
}

Result<std::unique_ptr<OffsetStore>> BackendRegistry::Open(const Uri& uri,
                                                           Deadline deadline) const {
  OS_ASSIGN_OR_RETURN(const BackendInfo* backend, Find(uri));
  return backend->open(uri, deadline);
}

Result<Examination> BackendRegistry::Examine(const Uri& uri, Deadline deadline) const {
  OS_ASSIGN_OR_RETURN(const BackendInfo* backend, Find(uri));
  if (backend->examine) return backend->examine(uri, deadline);
  OS_ASSIGN_OR_RETURN(const std::unique_ptr<OffsetStore> store, backend->open(uri, deadline));
  Examination examination{store->Info(), {}};
  OS_RETURN_IF_ERROR(store->Close(deadline));
  return examination;
}

Result<std::string> BackendRegistry::Schema(const Uri& uri) const {
  OS_ASSIGN_OR_RETURN(const BackendInfo* backend, Find(uri));
  if (backend->schema) return backend->schema(uri);
  return MakeError(ErrorCode::kUnsupported,
                   "a store of the kind '" + backend->name +
                       "' has no schema: there is nothing to make before it is used");
}

}  // namespace offsetstore
