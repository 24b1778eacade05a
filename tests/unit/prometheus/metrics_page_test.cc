// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// docs/metrics.md lists what a scrape shows, by name and type.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "exposed.h"

namespace offsetstore::testing {
namespace {

using Types = std::map<std::string, std::string>;

std::string NameOf(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kHistogram:
      return "histogram";
    case MetricType::kGauge:
      return "gauge";
  }
  return "";
}

TEST_CASE("the page on metrics lists exactly what is measured and shown") {
  Types shown;
  for (const MetricInfo& one : KnownMetrics()) shown[std::string(one.name)] = NameOf(one.type);
  const Exposed exposed;
  const auto watch = exposed.metrics->WatchConsumer("billing", [] { return ConsumerState{}; });
  std::istringstream text(exposed.Text());
  std::size_t watched = 0;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string kind;
    std::string name;
    words >> hash >> kind >> name;
    if (hash != "#" || kind != "TYPE" || !name.starts_with("offsetstore_")) continue;
    words >> shown[name];
    ++watched;
  }
  CHECK(watched >= 8);
  std::ifstream page(OFFSETSTORE_DOCS "/metrics.md");
  REQUIRE(page);
  Types listed;
  const std::regex row(R"(\| `(offsetstore_[a-z_]+)` \| ([a-z]+) \|.*)");
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) listed[match[1]] = match[2];
  }
  CHECK(listed == shown);
}

}  // namespace
}  // namespace offsetstore::testing
