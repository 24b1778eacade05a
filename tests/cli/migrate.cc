// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "migrate.h"

#include <doctest/doctest.h>

#include <utility>

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

std::string Text(const Json& row, const char* name) {
  return row.at(name).is_string() ? row.at(name).get<std::string>() : std::string();
}

}  // namespace

Words Joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Ran Migrating::Run(const std::string& command, const Words& more) const {
  return Offsetctl(Joined({command, "--output", "json", "--state-dir", State()}, more));
}

Ran Migrating::Migrate(const Words& more) const {
  return Run(
      "migrate",
      Joined({"--from", from, "--to", to, "--sample-interval", "0", "--timeout", "30s"}, more));
}

Ran Migrating::Execute(const Words& more) const {
  return Migrate(Joined({"--execute", "--yes", "--second-look", "0"}, more));
}

Words Migrating::ApplyWords(const std::string& plan) const {
  return {"apply",
          plan,
          "--from",
          from,
          "--to",
          to,
          "--execute",
          "--yes",
          "--quiet",
          "--second-look",
          "0",
          "--output",
          "json",
          "--state-dir",
          State()};
}

std::map<std::string, std::string> Migrating::Told(const Ran& ran) {
  INFO(ran.out);
  INFO(ran.err);
  std::map<std::string, std::string> told;
  const Json document = Json::parse(ran.out);
  for (const Json& row : document.at("partitions")) {
    const std::string outcome = Text(row, "outcome");
    std::string partition = row.at("partition").is_null() ? "" : row.at("partition").dump();
    told[Text(row, "group") + "/" + Text(row, "topic") + "/" + std::move(partition)] =
        (outcome.empty() ? Text(row, "action") : outcome) + " " + Text(row, "reason");
  }
  return told;
}

std::map<std::string, std::int64_t> Migrating::Stored(const std::string& uri,
                                                      const std::string& group) {
  const Ran ran = Offsetctl({"get", uri, group, "--output", "json", "--timeout", "30s"});
  REQUIRE_MESSAGE(ran.code == 0, ran.err);
  std::map<std::string, std::int64_t> stored;
  const Json document = Json::parse(ran.out);
  for (const Json& row : document.at("partitions")) {
    stored[Text(row, "topic") + "/" + row.at("partition").dump()] =
        row.at("position").is_null() ? -1 : row.at("position").get<std::int64_t>();
  }
  return stored;
}

void Migrating::Set(const std::string& uri, const std::string& group, const Words& settings) {
  const Ran ran = Offsetctl(Joined(Joined({"set", uri, group}, settings), {"--execute"}));
  REQUIRE_MESSAGE(ran.code == 0, ran.err);
}

FileToSqlite::FileToSqlite() {
  from = "file://" + Path("old");
  to = "sqlite://" + Path("new.db");
  Set(from, "pay", {"orders:0=5", "orders:1=7"});
  Set(from, "bill", {"orders:0=9"});
  Set(to, "other", {"orders:0=1"});
}

}  // namespace offsetstore::testing
