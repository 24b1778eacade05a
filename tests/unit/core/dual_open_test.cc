// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// `dual:` URIs: what they name, and what is refused.
#include <map>
#include <string>

#include "dual_fixture.h"
#include "offsetstore/open.h"

namespace offsetstore::testing {
namespace {

/// `one:` and `two:` are memory, and show what they were given.
struct Registry {
  Registry() {
    for (const std::string scheme : {"one", "two"}) {
      const auto world = NewMemoryWorld();
      const auto open = [this, scheme, world](
                            const Uri& uri,
                            Deadline /*by*/) -> Result<std::unique_ptr<OffsetStore>> {
        QueryReader query(uri);
        given[scheme] = query.String("x", "");
        if (Status known = query.Finish(); !known) return std::move(known).error();
        return OpenMemoryStore({"", world});
      };
      REQUIRE(registry.Add({scheme, {scheme}, "", "", open}));
    }
  }

  std::string Refusal(const std::string& uri) {
    const auto store = OpenStore(registry, uri, {}, Soon());
    if (store) return "(accepted)";
    CHECK(store.error().code == ErrorCode::kConfigInvalid);
    return store.error().message;
  }

  BackendRegistry registry;
  std::map<std::string, std::string> given;
};

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("dual: a URI names both stores, each with keys of its own") {
  Registry stores;
  Drift told;
  OpenOptions options;
  options.on_drift = [&](const Drift& drift) { told = drift; };
  const auto store = OpenStore(
      stores.registry,
      "dual:?primary=one:?x=a%2526b%26retry-attempts=1&secondary=two:?x=2&secondary-timeout=3s",
      options,
      Soon());
  REQUIRE(store);
  CHECK(stores.given["one"] == "a&b");
  CHECK(stores.given["two"] == "2");
  CHECK((*store)->Info().scheme == "dual");
  CHECK(Commit(**store, kAt, 5).Ok());
  const auto second = OpenStore(stores.registry, "two:", {}, Soon());
  REQUIRE(second);
  CHECK(PositionOf(**second, kAt) == 5);
  REQUIRE(Commit(**second, kAt, 9).Ok());
  CHECK(Commit(**store, kAt, 6).Ok());
  CHECK(told.kind == Drift::Kind::kHealed);
}

TEST_CASE("dual: what is wrong with a URI is told, with the key it stands in") {
  Registry stores;
  CHECK(Contains(stores.Refusal("dual:"), "primary= is missing"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:"), "secondary= is missing"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondry=two:"), "did you mean 'secondary'"));
  CHECK(Contains(stores.Refusal("dual:?primary=nonsense&secondary=two:"), "primary: URI"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=three:"), "unknown scheme 'three'"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=two:?y=1"), "unknown key 'y'"));
  CHECK(Contains(stores.Refusal("dual://h?primary=one:&secondary=two:"), "neither a host"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=two:&retry-attempts=2"),
                 "unknown key 'retry-attempts'"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=two:&secondary-timeout=0"),
                 "secondary-timeout"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=one:"), "the same store"));
  CHECK(Contains(stores.Refusal("dual:?primary=one:&secondary=dual:?primary=one:%26secondary=two:"),
                 "two stores are joined, not more"));
}

TEST_CASE("dual: no refusal shows the password of an inner URI") {
  Registry stores;
  for (const std::string uri :
       {"dual:?primary=redis://u:hunter2@h&secondary=two:",
        "dual:?primary=redis%3A%2F%2Fu%3Ahunter2%40h&secondary=two:",
        "dual:?primary=redis%3A%2F%2Fu%3Ahunter2&secondary=two:",
        "dual:?primary=one:&secondary=redis%3A%2F%2Fu%3Ahunter2%40h%3A99999999",
        "dual:?primary=one:&secondary=dual%3A%3Fprimary%3Dredis%253A%252F%252Fu%253Ahunter2%2540h",
        "dual:?primary=one:&secondary=two:&x=redis%3A%2F%2Fu%3Ahunter2%40h",
        "dual:?primary=redis%3A%2F%2Fu%3Ahunter2%40h&&"}) {
    const std::string refusal = stores.Refusal(uri);
    CAPTURE(refusal);
    CHECK_FALSE(Contains(refusal, "hunter2"));
    const auto parsed = ParseUri(uri);
    if (parsed) CHECK_FALSE(Contains(parsed->text, "hunter2"));
  }
}

TEST_CASE("dual: a URI that was written reads back the same") {
  const DualUris uris{"redis://u:p%40@h/0?a=b&c=d", "file:///x%20y?z=1&q=2", Duration(1500)};
  const auto parsed = ParseUri(ToText(uris));
  REQUIRE(parsed);
  const auto again = ReadDualUri(*parsed);
  REQUIRE(again);
  CHECK(again->primary == uris.primary);
  CHECK(again->secondary == uris.secondary);
  CHECK(again->secondary_timeout == uris.secondary_timeout);
}

}  // namespace
}  // namespace offsetstore::testing
