// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "store_uri.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "command.h"
#include "console.h"
#include "offsetstore/layers/dual.h"
#include "offsetstore/uri.h"
#include "profiles.h"

namespace offsetstore::cli {
namespace {

/// The URIs that stand in one: its own, or those of a dual's two stores. Fewer where one is
/// wrong: opening it says what.
std::vector<Uri> LegsOf(const Uri& uri) {
  if (uri.scheme != kDualScheme) return {uri};
  const Result<DualUris> dual = ReadDualUri(uri);
  if (!dual) return {};
  std::vector<Uri> legs;
  for (const std::string& leg : {dual->primary, dual->secondary}) {
    if (Result<Uri> parsed = ParseUri(leg)) legs.push_back(*std::move(parsed));
  }
  return legs;
}

bool HoldsPassword(const std::string& text) {
  const Result<Uri> uri = ParseUri(text);
  if (!uri) return false;
  return std::ranges::any_of(LegsOf(*uri), [](const Uri& leg) { return leg.password_in_uri; });
}

bool OthersCanRead(const std::string& file) {
  struct stat found = {};
  return ::stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

/// Makes a URI of what was written, and returns what is wrong with it.
std::string Resolve(std::string& text) {
  if (!IsProfile(text)) {
    if (HoldsPassword(text)) WarnOfPassword();
    return {};
  }
  const Result<Profile> profile = FindProfile(text);
  if (!profile) return profile.error().message;
  text = profile->uri;
  if (HoldsPassword(text) && OthersCanRead(profile->file)) {
    Complain("warning: " + profile->where +
             " holds a password, and other users of this machine can read the file; chmod 600 it, "
             "or use password-file= or password-env=");
  }
  return {};
}

}  // namespace

CLI::Option* AddStoreUri(CLI::App& command,
                         const std::string& name,
                         std::string& uri,
                         const std::string& help) {
  CLI::Option* option = AddText(command, name, uri, help);
  option->transform(CLI::Validator(Resolve, "", std::string(kStoreUriMark)));
  return option->type_name(option->get_positional() ? "" : "STORE-URI");
}

}  // namespace offsetstore::cli
