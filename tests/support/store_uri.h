// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace offsetstore::testing {

/// `postgres`, `redis`, `zookeeper`: kept by a server that tests/services/NAME.sh starts.
[[nodiscard]] bool HasServer(const std::string& store);

/// The address of the server that the tests share: `OFFSETSTORE_TEST_NAME`. Without it the process
/// says so and exits 77, which ctest shows as skipped.
[[nodiscard]] std::string SharedServer(const std::string& store);

/// A place in that server that nobody else uses.
[[nodiscard]] std::string FreshUri(const std::string& store, const std::string& server);

/// The same for any store: `kafka`, one in the folder (`file`, `sqlite`), one on its shared server.
[[nodiscard]] std::string FreshUri(const std::string& store, const std::filesystem::path& folder);

}  // namespace offsetstore::testing
