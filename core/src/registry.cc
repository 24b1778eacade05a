// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/registry.h"

#include <algorithm>
#include <utility>

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

Result<std::unique_ptr<OffsetStore>> BackendRegistry::Open(const Uri& uri,
                                                           Deadline deadline) const {
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
  return found->open(uri, deadline);
}

}  // namespace offsetstore
