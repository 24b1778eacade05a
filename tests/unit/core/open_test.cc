// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/open.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "fake_clock.h"
#include "recorded_metrics.h"
#include "stub_store.h"

namespace offsetstore::testing {
namespace {

/// A registry whose `stub:` shows what its backend was given.
struct OpenFixture {
  OpenFixture() {
    REQUIRE(registry.Add({"stub", {"stub"}, "", "", [this](const Uri& uri, Deadline /*by*/) {
                            QueryReader query(uri);
                            space = query.String("space", "");
                            auto store = std::make_unique<StubStore>();
                            stub = store.get();
                            if (Status known = query.Finish(); !known) {
                              return Result<std::unique_ptr<OffsetStore>>(known.error());
                            }
                            if (space == "refused") {
                              return Result<std::unique_ptr<OffsetStore>>(
                                  MakeError(ErrorCode::kUnavailable, "the server is away"));
                            }
                            return Result<std::unique_ptr<OffsetStore>>(std::move(store));
                          }}));
    options.clock = &clock;
  }

  Result<std::unique_ptr<OffsetStore>> Open(std::string_view uri) {
    return OpenStore(registry, uri, options, Soon());
  }

  BackendRegistry registry;
  FakeClock clock;
  OpenOptions options;
  std::string space;
  StubStore* stub = nullptr;
};

std::string MessageOf(const Result<std::unique_ptr<OffsetStore>>& store) {
  if (store) return "";
  CHECK(store.error().code == ErrorCode::kConfigInvalid);
  return store.error().message;
}

TEST_CASE("a store comes with its layers: it validates and it retries") {
  OpenFixture fixture;
  auto store = fixture.Open("stub:?space=blue&retry-attempts=4&retry-backoff=10ms");
  REQUIRE(store);
  CHECK(fixture.space == "blue");
  fixture.stub->on_list = [] { return MakeError(ErrorCode::kUnavailable, "down"); };
  const auto groups = (*store)->ListGroups({}, Soon());
  REQUIRE_FALSE(groups);
  CHECK(groups.error().scheme == "stub");
  CHECK(fixture.stub->calls == 4);
  CHECK(fixture.clock.Sleeps().size() == 3);
  CHECK_FALSE((*store)->ListGroups({"", 0}, Soon()));
  CHECK(fixture.stub->calls == 4);
}

TEST_CASE("make=false is create=false for what opening makes, unless the URI says more") {
  BackendRegistry registry;
  std::map<std::string, std::string, std::less<>> given;
  for (const bool made : {true, false}) {
    const std::string scheme = made ? "made" : "found";
    const auto open = [&given](const Uri& uri, Deadline /*by*/) {
      given = uri.query;
      return Result<std::unique_ptr<OffsetStore>>(MakeError(ErrorCode::kConfigInvalid, "none"));
    };
    BackendInfo backend{scheme, {scheme}, "", "", open};
    backend.made_by_opening = made;
    REQUIRE(registry.Add(std::move(backend)));
  }
  const auto create = [&](std::string_view uri, bool make) {
    OpenOptions options;
    options.make = make;
    const auto store = OpenStore(registry, uri, options, Soon());
    REQUIRE_FALSE(store);
    CHECK(store.error().context.front().second == uri);
    return given.contains("create") ? given["create"] : "(none)";
  };
  CHECK(create("made:", true) == "(none)");
  CHECK(create("made:", false) == "false");
  CHECK(create("made:?create=true", false) == "true");
  CHECK(create("found:", false) == "(none)");
}

TEST_CASE("the URI's retry keys come before the options") {
  OpenFixture fixture;
  fixture.options.retry.attempts = 7;
  fixture.options.retry.backoff = Duration(0);
  for (const auto& [uri, calls] :
       std::map<std::string, int>{{"stub:", 7}, {"stub:?retry-attempts=2", 2}}) {
    auto store = fixture.Open(uri);
    REQUIRE(store);
    fixture.stub->on_list = [] { return MakeError(ErrorCode::kUnavailable, "down"); };
    CHECK_FALSE((*store)->ListGroups({}, Soon()));
    CHECK(fixture.stub->calls == calls);
  }
}

TEST_CASE("a bad URI, key or scheme is told before anything is opened") {
  OpenFixture fixture;
  CHECK(MessageOf(fixture.Open("nonsense")).find("no scheme") != std::string::npos);
  CHECK(MessageOf(fixture.Open("other:")).find("unknown scheme") != std::string::npos);
  CHECK(MessageOf(fixture.Open("stub:?retry-attempts=0")) ==
        "retry-attempts=0 is not a whole number from 1 to 1000");
  CHECK(MessageOf(fixture.Open("stub:?retry-backoff=5")).find("retry-backoff=5") !=
        std::string::npos);
  CHECK(MessageOf(fixture.Open("stub:?retry-attempt=5")).find("did you mean 'retry-attempts'") !=
        std::string::npos);
  CHECK(fixture.stub == nullptr);
  CHECK(MessageOf(fixture.Open("stub:?spacer=5")) ==
        "unknown key 'spacer'; did you mean 'space'? (known: space)");
}

struct Refused {
  std::string uri;
  std::string scheme;
  std::string shown;
};

TEST_CASE("every error of opening names the store, the operation and the redacted URI, once") {
  OpenFixture fixture;
  for (const Refused& row : std::vector<Refused>{
           {"no URI at all", "", "no URI at all"},
           {"nonsense:hunter2@h", "nonsense", "nonsense:***@h"},
           {"other://u:hunter2@h/x", "other", "other://u:***@h/x"},
           {"stub://u:hunter2@h:99999/x", "", "stub://u:***@h:99999/x"},
           {"stub://h?password-env=hunter2", "", "stub://h?password-env=***"},
           {"stub://u:hunter2@h?spacer=5", "stub", "stub://u:***@h?spacer=5"},
           {"stub://u:hunter2@h?retry-attempts=0", "stub", "stub://u:***@h?retry-attempts=0"},
           {"stub:?space=refused", "stub", "stub:?space=refused"},
           {"dual:?primary=stub:", "dual", "dual:?primary=stub:"},
           {"dual:?primary=stub:&secondary=stub:?a=1", "stub", "uri=stub:?a=1"}}) {
    CAPTURE(row.uri);
    const auto store = fixture.Open(row.uri);
    REQUIRE_FALSE(store);
    const std::string text = ToString(store.error());
    CAPTURE(text);
    CHECK(store.error().scheme == row.scheme);
    CHECK(store.error().operation == "open");
    CHECK(text.find(row.shown) != std::string::npos);
    CHECK(text.find(row.shown) == text.rfind(row.shown));
    CHECK(text.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("attempts and calls are measured apart") {
  OpenFixture fixture;
  RecordedMetrics metrics;
  fixture.options.metrics = &metrics;
  auto store = fixture.Open("stub:");
  REQUIRE(store);
  fixture.stub->on_list = [&]() -> Result<GroupPage> {
    if (fixture.stub->calls < 3) return MakeError(ErrorCode::kUnavailable, "down");
    return GroupPage{};
  };
  CHECK((*store)->ListGroups({}, Soon()));
  using Observations = std::map<std::string, int>;
  CHECK(metrics.observations ==
        Observations{{"offsetstore_attempt_duration_seconds{operation=\"list_groups\"}", 3},
                     {"offsetstore_operation_duration_seconds{operation=\"list_groups\"}", 1}});
  CHECK(metrics.counts == std::map<std::string, std::uint64_t>{
                              {"offsetstore_retries_total{operation=\"list_groups\"}", 2}});
}

}  // namespace
}  // namespace offsetstore::testing
