// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "consumer_config.h"

namespace offsetstore::testing {
namespace {

/// The table of docs/configuration.md, as the code has it.
std::string Table() {
  std::string table =
      "| key | values | default | what it does, and why that default |\n|---|---|---|---|\n";
  for (const ConsumerKey& key : ConsumerKeys()) {
    table += "| `" + std::string(key.name) + "` | " + std::string(key.values) + " | " +
             (key.fallback.empty() ? "" : "`" + std::string(key.fallback) + "`") + " | " +
             std::string(key.text) + " |\n";
  }
  return table;
}

TEST_CASE("docs/configuration.md shows the table of the code") {
  std::ifstream file(OFFSETSTORE_DOCS "/configuration.md");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  const bool shown = text.str().find(Table()) != std::string::npos;
  CHECK_MESSAGE(shown, "expected in docs/configuration.md:\n" << Table());
}

}  // namespace
}  // namespace offsetstore::testing
