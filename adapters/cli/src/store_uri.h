// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
class Option;
}

namespace offsetstore::cli {

/// The name of the validator by which the completion knows such an argument.
inline constexpr std::string_view kStoreUriMark = "store-uri";

/// An argument (`A-URI`) or option (`--from`) that is the URI of a store. `@name` becomes the URI
/// of that profile. Warns where others can see a password that stands in it.
CLI::Option* AddStoreUri(CLI::App& command,
                         const std::string& name,
                         std::string& uri,
                         const std::string& help);

}  // namespace offsetstore::cli
