// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

void CheckRefused(const std::string& uri) {
  CAPTURE(uri);
  const Ran ran = Offsetctl({"groups", uri});
  CHECK(ran.code != 0);
  CHECK(ran.code < 10);
  CHECK(ran.out.empty());
  INFO(ran.err);
  CHECK(IsOneComplaint(ran.err));
}

TEST_CASE("a URI that cannot work is one clear error") {
  const TempDir folder;
  const std::string here = folder.path().string();
  for (const std::string& uri :
       std::vector<std::string>{std::string(),
                                std::string("nothing"),
                                std::string("gopher://x"),
                                std::string("file:"),
                                std::string("file:relative/path"),
                                std::string("sqlite:"),
                                std::string("sqlite:offsets.db"),
                                "file://" + here + "/f?frobnicate=1",
                                "file://" + here + "/f?sync=never&sync=never",
                                "file://" + here + "/f?sync=sometimes",
                                "sqlite://" + here + "/a.db?frobnicate=1",
                                "sqlite://" + here + "/%zz",
                                "sqlite://" + here,
                                "sqlite:///dev/null",
                                std::string("file:///dev/null"),
                                std::string("memory:?x=1")}) {
    CheckRefused(uri);
  }
}

TEST_CASE("an unknown scheme lists those there are, and an unknown key the nearest known one") {
  CHECK(Offsetctl({"groups", "gopher://x"}).ErrHas("sqlite"));
  const TempDir folder;
  CHECK(Offsetctl({"groups", "file://" + folder.path().string() + "/f?synk=never"}).ErrHas("sync"));
}

TEST_CASE("where a password is taken, the keys of its place are among the known ones") {
  for (const char* uri : {"redis://h", "postgresql://h/d", "zookeeper://h/c", "kafka://h"}) {
    CAPTURE(uri);
    const Ran ran = Offsetctl({"groups", uri + std::string("?passwrod-file=/x")});
    CHECK(ran.code == 2);
    CHECK(ran.ErrHas("did you mean 'password-file'? (known: password-file, password-env, "));
  }
  CHECK_FALSE(Offsetctl({"groups", "sqlite:///x.db?x=1"}).ErrHas("password"));
}

TEST_CASE("what is wrong with opening a store names it and the operation") {
  const TempDir folder;
  const std::string uri = "file://" + (folder / "none").string();
  CHECK(Offsetctl({"groups", uri}).ErrHas("offsetctl: file: open: ConfigInvalid: there is no"));
  CHECK(Offsetctl({"groups", uri}).ErrHas("[uri=" + uri));
  CHECK(Offsetctl({"groups", "kafka://h:99999"}).ErrHas("URI kafka://h:99999: a port is 1 to"));
}

TEST_CASE("a database that is none, and a link in the last place of a path, are refused") {
  const TempDir folder;
  WriteFile(folder / "junk.db", std::string(4096, 'j'));
  CheckRefused("sqlite://" + (folder / "junk.db").string());
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_directory_symlink(folder / "real", folder / "link");
  CheckRefused("file://" + (folder / "link").string());
}

TEST_CASE("no secret of a URI is ever printed, whatever goes wrong with it") {
  // The runner searches all logs for this word as well.
  const char* planted = std::getenv("OFFSETSTORE_TEST_SECRET");
  const std::string secret = planted != nullptr ? planted : "hunter2-planted";
  for (const Words& words :
       {Words{"groups", "redis://user:" + secret + "@host/0"},
        Words{"groups", "gopher://user:" + secret + "@host"},
        Words{"groups", "file:///tmp/x?password=" + secret},
        Words{"groups", "kafka://user:" + secret + "@"},
        Words{"groups", "memory:", "postgresql://u:" + secret + "@h/d"},
        Words{"get", "file://u:" + secret + "@h/x", "g"},
        Words{"groups", "redis://h?password-env=" + secret},
        Words{"groups", "file:///tmp/x?password-env=" + secret},
        Words{"groups", "redis://h?password-file=" + secret},
        Words{"groups", "dual:?primary=memory:&secondary=redis://h?password-file=" + secret},
        Words{"groups", "memory:", "--password=" + secret},
        Words{"consume", "--config", "/nonexistent", "--set", "sasl.password=" + secret},
        Words{"consume", "--config", "/nonexistent", "--set", "sasl.password " + secret},
        Words{"demo", "--brokers", "user:" + secret + "@host"},
        Words{"demo", "--store", "redis://user:" + secret + "@host/0"}}) {
    CAPTURE(words.front());
    const Ran ran = Offsetctl(words);
    CHECK(ran.code != 0);
    CHECK_FALSE(ran.OutHas(secret));
    CHECK_FALSE(ran.ErrHas(secret));
  }
}

TEST_CASE("a server that does not answer is told within the timeout") {
  const Ran ran = Offsetctl({"groups", "kafka://127.0.0.1:1", "--timeout", "1s"});
  CHECK(ran.code == 5);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("127.0.0.1:1"));
}

}  // namespace
}  // namespace offsetstore::testing
