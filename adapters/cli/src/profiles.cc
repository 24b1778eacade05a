// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "profiles.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "internal/macros.h"
#include "offsetstore/properties.h"
#include "offsetstore/units.h"
#include "offsetstore/uri.h"
#include "user_folder.h"

namespace offsetstore::cli {
namespace {

constexpr char kProfileMark = '@';

Error Wrong(const std::string& why) {
  return MakeError(ErrorCode::kConfigInvalid, why);
}

Error Unknown(const std::string& name, const Properties& profiles) {
  std::vector<std::string> known;
  for (const Property& profile : profiles.entries) known.push_back(profile.key);
  std::string why =
      "there is no profile '" + Printable(name) + "' in " + Printable(profiles.source);
  if (const std::string_view nearest = Nearest(name, known); !nearest.empty()) {
    why += "; did you mean '" + std::string(nearest) + "'?";
  }
  std::string list;
  for (const std::string& other : known) list += (list.empty() ? "" : ", ") + other;
  return Wrong(why + " (known: " + (list.empty() ? "none" : list) + ")");
}

Status CheckUri(const Property& profile, const std::string& where) {
  const auto wrong = [&](const std::string& why) {
    return Wrong(where + ": profile '" + profile.key + "' " + why);
  };
  if (profile.value.empty()) return wrong("has no URI behind the '='");
  if (IsProfile(profile.value)) return wrong("names another profile; write the URI itself");
  const Result<Uri> uri = ParseUri(profile.value);
  return uri ? Status() : wrong("is no URI of a store: " + uri.error().message);
}

}  // namespace

bool IsProfile(std::string_view text) noexcept {
  return text.starts_with(kProfileMark);
}

std::string ProfilesFile() {
  const std::string folder = UserFolder("XDG_CONFIG_HOME", ".config");
  return folder.empty() ? folder : folder + "/profiles";
}

Result<Profile> FindProfile(std::string_view text) {
  const std::string name(text.substr(1));
  if (name.empty()) return Wrong("'@' is a profile without its name; write @NAME");
  const std::string file = ProfilesFile();
  if (file.empty()) {
    return Wrong("there are no profiles: neither XDG_CONFIG_HOME nor HOME is an absolute path");
  }
  std::error_code unknown;  // What cannot be looked at is told by reading it.
  if (!std::filesystem::exists(file, unknown) && !unknown) {
    return Wrong("there is no file of profiles, " + Printable(file) + "; write it, with a line " +
                 Printable(name) + "=URI");
  }
  OS_ASSIGN_OR_RETURN(const Properties profiles, ReadProperties(file));
  const Property* profile = profiles.Find(name);
  if (profile == nullptr) return Unknown(name, profiles);
  const std::string where = Printable(profiles.Where(*profile));
  OS_RETURN_IF_ERROR(CheckUri(*profile, where));
  return Profile{profile->value, file, where};
}

}  // namespace offsetstore::cli
