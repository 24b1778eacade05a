// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Json = nlohmann::json;

Json Partitions(const std::string& uri, const std::string& group) {
  const Ran ran = Offsetctl({"get", uri, group, "--output", "json"});
  REQUIRE(ran.code == 0);
  return Json::parse(ran.out)["partitions"];
}

/// A member that holds orders[0] of group g.
struct Holder {
  BackendRegistry registry;
  std::unique_ptr<OffsetStore> store;
  ClaimToken token;
  explicit Holder(const std::string& uri) {
    const Deadline deadline = Deadline::After(std::chrono::seconds(10));
    REQUIRE(RegisterBuiltinBackends(registry));
    auto opened = OpenStore(registry, uri, OpenOptions{}, deadline);
    REQUIRE(opened);
    store = *std::move(opened);
    const std::vector<ClaimRequest> request = {{{"orders", 0}, Any{}, Nonce::Random()}};
    const auto claimed =
        store->Claim("g", request, ThisProcess(Owner::Kind::kMember, "payments-1"), deadline);
    REQUIRE(claimed);
    REQUIRE(claimed->front().outcome.Ok());
    token = claimed->front().token;
  }
  OutcomeCode CommitTo(std::int64_t position) {
    Move move;
    move.at = {"orders", 0};
    move.to = Position(position);
    move.claim = token;
    const auto outcomes = store->Commit("g",
                                        std::vector<Move>{move},
                                        ThisProcess(Owner::Kind::kMember, "payments-1"),
                                        Atomicity::kEach,
                                        Deadline::After(std::chrono::seconds(10)));
    REQUIRE(outcomes);
    return outcomes->front().code;
  }
};

std::vector<std::string> Uris(const TempDir& folder) {
  return {"file://" + (folder / "store").string(), "sqlite://" + (folder / "store.db").string()};
}

TEST_CASE("without --execute set and delete show and change nothing") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    REQUIRE(Offsetctl({"set", uri, "g", "orders:0=5", "--execute"}).code == 0);
    const Ran set = Offsetctl({"set", uri, "g", "orders:0=9", "orders:1=1", "--output", "csv"});
    CHECK(set.code == 0);
    CHECK(Lines(set.out)[0] == "group,topic,partition,position,previous,outcome,held_by,error");
    CHECK(Lines(set.out)[1] == "g,orders,0,9,5,planned,,");
    CHECK(Lines(set.out)[2] == "g,orders,1,1,,planned,,");
    CHECK(set.ErrHas("--execute"));
    const Ran removal = Offsetctl({"delete", uri, "g", "--output", "csv"});
    CHECK(removal.code == 0);
    CHECK(Lines(removal.out)[1] == "g,orders,0,,5,planned,,");
    const Json left = Partitions(uri, "g");
    REQUIRE(left.size() == 1);
    CHECK(left[0]["position"] == 5);
  }
}

TEST_CASE("looking at a store that is not there is an error, and makes none") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    for (const Words& words : {Words{"set", uri, "g", "orders:0=5"},
                               Words{"delete", uri, "g"},
                               Words{"get", uri, "g"},
                               Words{"groups", uri}}) {
      const Ran ran = Offsetctl(words);
      CHECK(ran.code == 2);
      CHECK(IsOneComplaint(ran.err));
      CHECK(ran.ErrHas("[uri=" + uri + "]"));
      CHECK_FALSE(ran.ErrHas("create="));
    }
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("set moves forwards and backwards and says what became of each") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    REQUIRE(Offsetctl({"set", uri, "g", "orders:0=100", "--execute"}).code == 0);
    const Ran ran =
        Offsetctl({"set", uri, "g", "orders:0=7", "orders:1=8", "--execute", "--output", "json"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    const Json json = Json::parse(ran.out);
    CHECK(json["executed"] == true);
    CHECK(json["partitions"][0]["previous"] == 100);
    CHECK(json["partitions"][0]["outcome"] == "applied");
    CHECK(Partitions(uri, "g")[0]["position"] == 7);
  }
}

TEST_CASE("who holds a partition is shown, and a set fences it") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    REQUIRE(Offsetctl({"set", uri, "g", "orders:0=5", "--execute"}).code == 0);
    Holder holder(uri);
    CHECK(Offsetctl({"set", uri, "g", "orders:0=9"}).OutHas("payments-1"));
    CHECK(Offsetctl({"get", uri, "g"}).OutHas("payments-1"));
    CHECK(holder.CommitTo(6) == OutcomeCode::kApplied);
    REQUIRE(Offsetctl({"set", uri, "g", "orders:0=2", "--execute"}).code == 0);
    CHECK(holder.CommitTo(7) == OutcomeCode::kFenced);
    CHECK(Partitions(uri, "g")[0]["position"] == 2);
    CHECK(Partitions(uri, "g")[0]["held_by"].is_null());
  }
}

TEST_CASE("delete removes a group, a topic, or single partitions") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    REQUIRE(Offsetctl({"set", uri, "g", "a:0=1", "a:1=1", "b:0=1", "c:0=1", "--execute"}).code ==
            0);
    CHECK(Offsetctl({"delete", uri, "g", "a:1", "--execute"}).code == 0);
    CHECK(Partitions(uri, "g").size() == 3);
    for (const char* command : {"get", "delete"}) {
      const Ran unknown = Offsetctl({command, uri, "g", "nobody"});
      CHECK(unknown.code == 0);
      CHECK(unknown.ErrHas("nothing is stored for 'nobody' of group 'g' there"));
    }
    CHECK(Offsetctl({"delete", uri, "g", "b", "--execute"}).code == 0);
    CHECK(Partitions(uri, "g").size() == 2);
    CHECK(Offsetctl({"delete", uri, "g", "--execute"}).code == 0);
    CHECK(Offsetctl({"groups", uri, "--output", "csv"}).out == "group\n");
    const Ran again = Offsetctl({"delete", uri, "g", "--execute"});
    CHECK(again.code == 0);
    CHECK(again.ErrHas("nothing is stored for group 'g' there"));
  }
}

TEST_CASE("a malformed offset anywhere in the list changes nothing") {
  const TempDir folder;
  const std::string uri = Uris(folder)[0];
  REQUIRE(Offsetctl({"set", uri, "g", "orders:0=5", "--execute"}).code == 0);
  for (const char* bad : {"orders:1=-1",
                          "orders:1=1e3",
                          "orders:1=9223372036854775808",
                          "orders:1=5 ",
                          "orders:1=",
                          "orders=5",
                          "orders:0=7"}) {
    CAPTURE(bad);
    const Ran ran = Offsetctl({"set", uri, "g", "orders:0=6", bad, "--execute"});
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
  }
  CHECK(Partitions(uri, "g")[0]["position"] == 5);
}

TEST_CASE("where only the report is lost, the change is applied and said to be") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    CAPTURE(uri);
    const Ran set = Offsetctl({"set", uri, "g", "orders:0=5", "--execute"}, "/dev/full");
    INFO(set.err);
    CHECK(set.code == 9);
    CHECK(IsOneComplaint(set.err));
    CHECK(set.ErrHas("No space left on device; the change is applied, only the report"));
    CHECK(Partitions(uri, "g")[0]["position"] == 5);
    const Ran shown = Offsetctl({"set", uri, "g", "orders:0=6"}, "/dev/full");
    CHECK(shown.code == 9);
    CHECK_FALSE(shown.ErrHas("applied"));
    const Ran removed = Offsetctl({"delete", uri, "g", "--execute"}, "/dev/full");
    CHECK(removed.code == 9);
    CHECK(removed.ErrHas("the change is applied"));
    CHECK(Partitions(uri, "g").empty());
  }
}

TEST_CASE("a store that keeps nothing beyond the process cannot be changed, and says why") {
  for (const Words& words : {Words{"set", "memory:", "g", "orders:0=5", "--execute"},
                             Words{"set", "memory:", "g", "orders:0=5"},
                             Words{"delete", "memory:", "g", "--execute"}}) {
    const Ran ran = Offsetctl(words);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.ErrHas("keeps nothing beyond this process"));
  }
  const TempDir folder;
  const std::string kept = "file://" + (folder / "store").string();
  REQUIRE(Offsetctl({"set", kept, "g", "orders:0=5", "--execute"}).code == 0);
  for (const std::string& dual : {"dual:?primary=" + kept + "&secondary=memory:",
                                  "dual:?primary=memory:&secondary=" + kept}) {
    CAPTURE(dual);
    const Ran ran = Offsetctl({"set", dual, "g", "orders:0=6", "--execute"});
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.ErrHas("one of the two stores keeps nothing beyond this process"));
    CHECK(Partitions(kept, "g")[0]["position"] == 5);
    CHECK(Offsetctl({"get", dual, "g"}).code == 0);
  }
}

TEST_CASE("what is printed to a closed descriptor lands in no file of a store") {
  const TempDir folder;
  for (const std::string& uri : Uris(folder)) {
    REQUIRE(Offsetctl({"set", uri, "g", "orders:0=5", "--execute"}).code == 0);
    for (const char* closed : {">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
      for (const Words& words : {Words{"get", uri, "g"},
                                 Words{"get", uri, "nobody"},
                                 Words{"set", uri, "g", "orders:0=5", "--execute"}}) {
        const bool printed = std::string_view(closed).starts_with("2");
        CAPTURE(closed);
        Words run = {"/bin/sh", "-c", std::string("exec \"$@\" ") + closed, "sh", OFFSETCTL};
        run.insert(run.end(), words.begin(), words.end());
        CHECK(Offsetctl(run).code == (printed ? 0 : 9));
        CHECK(Partitions(uri, "g")[0]["position"] == 5);
      }
    }
  }
}

TEST_CASE("a place that takes no folder and no file is a wrong argument") {
  for (const std::string uri :
       {"file:///proc/x", "file:///proc/self/fd/x", "sqlite:///proc/x.db"}) {
    const Ran ran = Offsetctl({"set", uri, "g", "orders:0=5", "--execute"});
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.ErrHas("name one on a local disk"));
    CHECK(ran.ErrHas("open"));
  }
}

TEST_CASE("a folder without rights, and one that is gone, are told") {
  const Ran ran = Offsetctl({"set", "file:///proc/no/store", "g", "orders:0=5", "--execute"});
  CHECK(ran.code != 0);
  CHECK(IsOneComplaint(ran.err));
}

}  // namespace
}  // namespace offsetstore::testing
