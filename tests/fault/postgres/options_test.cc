// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong in a URI is said before any server is asked.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "offsetstore/backends/postgres.h"

namespace offsetstore {
namespace {

Result<PostgresOptions> Parse(const std::string& text) {
  const Result<Uri> uri = ParseUri(text);
  if (!uri) return uri.error();
  return PostgresOptions::FromUri(*uri);
}

PostgresOptions MustParse(const std::string& text) {
  const Result<PostgresOptions> options = Parse(text);
  REQUIRE_MESSAGE(options, options.error().message);
  return *options;
}

TEST_CASE("a URI of libpq's own form is taken as it is") {
  const PostgresOptions options = MustParse(
      "postgresql://app:secret@db1:5433,db2/shop?sslmode=require&connect_timeout=3"
      "&application_name=billing&target_session_attrs=any");
  REQUIRE(options.hosts.size() == 2);
  CHECK(options.hosts[0].name == "db1");
  CHECK(options.hosts[0].port == 5433);
  CHECK(options.hosts[1].name == "db2");
  CHECK_FALSE(options.hosts[1].port.has_value());
  CHECK(options.user == "app");
  CHECK(options.password == "secret");
  CHECK(options.database == "shop");
  CHECK(options.libpq.at("sslmode") == "require");
  CHECK(options.libpq.at("connect_timeout") == "3");
  CHECK(options.libpq.at("application_name") == "billing");
  CHECK(options.schema == "public");
  CHECK(options.table == "offsetstore");
}

TEST_CASE("a socket's folder is a host, in both of libpq's ways to write it") {
  CHECK(MustParse("postgres://%2Frun%2Fpg/shop").hosts[0].name == "/run/pg");
  const PostgresOptions options = MustParse("postgresql:///shop?host=/run/pg&port=5433");
  CHECK(options.hosts[0].name == "/run/pg");
  CHECK(options.hosts[0].port == 5433);
  CHECK(MustParse("postgresql://").hosts.empty());
}

TEST_CASE("our own keys stand beside libpq's") {
  const PostgresOptions options = MustParse(
      "postgresql://db/shop?schema=kafka&table=pos&space=eu&create=false&pool=9&prepare=never");
  CHECK(options.schema == "kafka");
  CHECK(options.table == "pos");
  CHECK(options.space == "eu");
  CHECK_FALSE(options.create);
  CHECK(options.pool == 9);
  CHECK(options.prepare == PostgresOptions::Prepare::kNever);
}

TEST_CASE("a wrong option is named, and no secret is") {
  struct Row {
    std::string query;
    std::string why;
  };
  const std::vector<Row> table = {
      {"schema=Public", "schema=Public must be"},
      {"schema=", "schema= must be"},
      {"table=a%22b", "must be 1 to 40 of the characters"},
      {"table=1a", "not start with a digit"},
      {"table=" + std::string(41, 'a'), "must be 1 to 40"},
      {"pool=0", "pool=0 is not a whole number from 1 to 100"},
      {"pool=many", "pool=many"},
      {"prepare=always", "is not one of auto, never"},
      {"create=yes", "neither true nor false"},
      {"space=%ff", "must be valid UTF-8"},
      {"space=" + std::string(513, 's'), "at most 512 bytes"},
      {"sslmod=require", "did you mean 'sslmode'?"},
      {"connect-timeout=3", "did you mean 'connect_timeout'?"},
      {"replication=database", "unknown key 'replication'"},
      {"client_encoding=LATIN1", "unknown key 'client_encoding'"},
      {"host=other", "given twice"},
      {"user=other", "given twice"},
      {"dbname=other", "given twice"},
  };
  for (const Row& row : table) {
    CAPTURE(row.query);
    const auto options = Parse("postgresql://app:hidden-secret@db/shop?" + row.query);
    REQUIRE_FALSE(options);
    CHECK(options.error().code == ErrorCode::kConfigInvalid);
    CHECK_MESSAGE(options.error().message.find(row.why) != std::string::npos,
                  options.error().message);
    CHECK(options.error().message.find("hidden-secret") == std::string::npos);
  }
}

TEST_CASE("the schema for an administrator names the tables and quotes them") {
  PostgresOptions options;
  options.schema = "kafka";
  options.table = "pos";
  const std::string text = PostgresSchema(options);
  for (const char* part : {R"(CREATE TABLE "kafka"."pos_meta")",
                           R"(CREATE TABLE "kafka"."pos_positions")",
                           R"(CREATE VIEW "kafka"."pos_readable")",
                           "('format', '1')"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.starts_with("BEGIN;"));
  CHECK(text.ends_with("COMMIT;\n"));
}

}  // namespace
}  // namespace offsetstore
