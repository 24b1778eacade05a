// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/registry.h"

#include <doctest/doctest.h>

#include <string>

#include "stub_store.h"

namespace offsetstore::testing {
namespace {

BackendInfo Backend(std::string name, std::string scheme) {
  return {std::move(name), {std::move(scheme)}, "", "", [](const Uri& /*uri*/, Deadline /*by*/) {
            return Result<std::unique_ptr<OffsetStore>>(std::make_unique<StubStore>());
          }};
}

BackendInfo NotBuilt(std::string name, std::string scheme) {
  return {std::move(name), {std::move(scheme)}, "not built", "", nullptr};
}

Uri Of(const std::string& text) {
  auto uri = ParseUri(text);
  REQUIRE(uri);
  return *std::move(uri);
}

std::string OpenMessage(const BackendRegistry& registry, const std::string& uri) {
  const auto store = registry.Open(Of(uri), Soon());
  if (store) return "";
  CHECK(store.error().code == ErrorCode::kConfigInvalid);
  return store.error().message;
}

TEST_CASE("a registered scheme opens its store") {
  BackendRegistry registry;
  REQUIRE(registry.Add(Backend("file", "file")));
  REQUIRE(registry.Add(Backend("sqlite", "sqlite")));
  CHECK(registry.Open(Of("sqlite:///x"), Soon()));
  REQUIRE(registry.backends().size() == 2);
  CHECK(registry.backends()[0].name == "file");
}

TEST_CASE("a scheme belongs to one backend") {
  BackendRegistry registry;
  REQUIRE(registry.Add(Backend("sqlite", "sqlite")));
  const Status twice = registry.Add(Backend("other", "sqlite"));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ErrorCode::kInvalidArgument);
  CHECK(twice.error().message == "scheme 'sqlite' of backend 'other' is taken by backend 'sqlite'");
  CHECK_FALSE(registry.Add(NotBuilt("other", "sqlite")));
  CHECK(registry.backends().size() == 1);
}

TEST_CASE("an unknown scheme lists the known ones and the nearest") {
  BackendRegistry registry;
  CHECK(OpenMessage(registry, "file:///x") ==
        "unknown scheme 'file' in file:///x; no backend is registered");
  REQUIRE(registry.Add(Backend("file", "file")));
  REQUIRE(registry.Add(Backend("sqlite", "sqlite")));
  CHECK(OpenMessage(registry, "sqlit:///x") ==
        "unknown scheme 'sqlit' in sqlit:///x; did you mean 'sqlite'? (known: file, sqlite, dual)");
  CHECK(OpenMessage(registry, "redis://u:hunter2@h") ==
        "unknown scheme 'redis' in redis://u:***@h (known: file, sqlite, dual)");
}

TEST_CASE("a known backend that was not built says which option builds it") {
  BackendRegistry registry;
  REQUIRE(registry.Add(NotBuilt("kafka", "kafka")));
  const std::string message = OpenMessage(registry, "kafka://b1");
  CHECK(message.find("not built into this program") != std::string::npos);
  CHECK(message.find("-DOFFSETSTORE_BACKENDS=\"...;kafka\"") != std::string::npos);
}

TEST_CASE("a backend that was not built is replaced by one that is") {
  BackendRegistry registry;
  REQUIRE(registry.Add(NotBuilt("kafka", "kafka")));
  REQUIRE(registry.Add(Backend("kafka", "kafka")));
  CHECK(registry.backends().size() == 1);
  CHECK(registry.Open(Of("kafka://b1"), Soon()));
}

TEST_CASE("a backend that looks at its stores is asked, another one's store is opened and closed") {
  BackendRegistry registry;
  BackendInfo asked = Backend("asked", "asked");
  asked.examine = [](const Uri& uri, Deadline /*by*/) -> Result<Examination> {
    Examination examination;
    examination.info.endpoint = uri.path;
    examination.findings.push_back({"x", Grade::kWarning, "seen", ""});
    return examination;
  };
  REQUIRE(registry.Add(std::move(asked)));
  REQUIRE(registry.Add(Backend("silent", "silent")));
  REQUIRE(registry.Add(NotBuilt("redis", "redis")));
  const auto looked_at = registry.Examine(Of("asked:/there"), Soon());
  REQUIRE(looked_at);
  CHECK(looked_at->info.endpoint == "/there");
  CHECK(looked_at->findings.size() == 1);
  const auto opened = registry.Examine(Of("silent:"), Soon());
  REQUIRE(opened);
  CHECK(opened->info.scheme == "stub");
  CHECK(opened->findings.empty());
  CHECK(registry.Examine(Of("redis:"), Soon()).error().code == ErrorCode::kConfigInvalid);
  CHECK(registry.Examine(Of("none:"), Soon()).error().code == ErrorCode::kConfigInvalid);
}

TEST_CASE("a backend without a schema says that it has none") {
  BackendRegistry registry;
  BackendInfo sql = Backend("sql", "sql");
  sql.schema = [](const Uri& uri) -> Result<std::string> { return "CREATE " + uri.path; };
  REQUIRE(registry.Add(std::move(sql)));
  REQUIRE(registry.Add(Backend("plain", "plain")));
  const auto schema = registry.Schema(Of("sql:/t"));
  REQUIRE(schema);
  CHECK(*schema == "CREATE /t");
  CHECK(registry.Schema(Of("plain:")).error().code == ErrorCode::kUnsupported);
  CHECK(registry.Schema(Of("none:")).error().code == ErrorCode::kConfigInvalid);
}

}  // namespace
}  // namespace offsetstore::testing
