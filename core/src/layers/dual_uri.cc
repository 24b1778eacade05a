// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/units.h"

namespace offsetstore {
namespace {

Error InvalidDual(const std::string& message) {
  return MakeError(ErrorCode::kConfigInvalid, "dual: " + message);
}

Status CheckLeg(std::string_view key, const std::string& leg) {
  if (leg.empty()) {
    return InvalidDual(std::string(key) + "= is missing; write " + std::string(kDualExample));
  }
  const Result<Uri> uri = ParseUri(leg);
  if (!uri) return InvalidDual(std::string(key) + ": " + uri.error().message);
  if (uri->scheme != kDualScheme) return {};
  return InvalidDual(std::string(key) + " is a dual itself; two stores are joined, not more");
}

// What would end the value or be taken for an escape.
std::string Escaped(std::string_view value) {
  static constexpr std::array<std::pair<char, std::string_view>, 3> kEscapes = {
      {{'%', "%25"}, {'&', "%26"}, {'#', "%23"}}};
  std::string out;
  for (const char c : value) {
    std::string_view shown(&c, 1);
    for (const auto& [plain, escape] : kEscapes) {
      if (c == plain) shown = escape;
    }
    out += shown;
  }
  return out;
}

}  // namespace

Result<DualUris> ReadDualUri(const Uri& uri) {
  if (uri.has_authority || !uri.path.empty() || !uri.password.empty()) {
    return InvalidDual("takes neither a host nor a path nor a password; write " +
                       std::string(kDualExample));
  }
  DualUris uris;
  QueryReader query(uri);
  uris.primary = query.String("primary", "");
  uris.secondary = query.String("secondary", "");
  uris.secondary_timeout = query.Duration("secondary-timeout", uris.secondary_timeout);
  OS_RETURN_IF_ERROR(query.Finish());
  OS_RETURN_IF_ERROR(CheckLeg("primary", uris.primary));
  OS_RETURN_IF_ERROR(CheckLeg("secondary", uris.secondary));
  if (uris.secondary_timeout > Duration::zero()) return uris;
  return InvalidDual("secondary-timeout must be more than 0");
}

std::string ToText(const DualUris& uris) {
  return std::string(kDualScheme) + ":?primary=" + Escaped(uris.primary) +
         "&secondary=" + Escaped(uris.secondary) +
         "&secondary-timeout=" + ToString(uris.secondary_timeout);
}

}  // namespace offsetstore
