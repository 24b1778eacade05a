// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "offsetstore/store.h"

namespace [[gnu::visibility("default")]] offsetstore {

/// What one check of an examination came to.
enum class Grade : std::uint8_t {
  kOk,
  kUnknown,  ///< The server does not tell this user; `detail` says what is not known.
  kWarning,  ///< It works, and will hurt one day.
  kFailed,   ///< It does not work, or not as it should.
};
[[nodiscard]] std::string_view ToString(Grade grade) noexcept;

/// The checks that every backend names alike. All others are a backend's own (`eviction`, ...).
inline constexpr std::string_view kVersionCheck = "version";
inline constexpr std::string_view kRightsCheck = "rights";

/// One thing that was looked at. Texts are for people and printable, without secrets.
struct Finding {
  std::string check;  ///< One word: `version`, `rights`, `eviction`, ...
  Grade grade = Grade::kOk;
  std::string detail;  ///< What was found.
  std::string advice;  ///< What to do; empty where there is nothing to do.
};

/// A store and the server behind it, looked at without changing anything.
struct Examination {
  StoreInfo info;
  std::vector<Finding> findings;
};

/// In a sentence, what a consumer that commits after processing can rely on.
[[nodiscard]] std::string GuaranteeOf(const StoreInfo& info);

}  // namespace offsetstore
