// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Profiles: @name where a store is asked for.
#include <doctest/doctest.h>

#include <string>

#include "help.h"
#include "profiles_home.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("@name stands for the URI of that name") {
  const TempDir folder;
  const std::string uri = "file://" + (folder / "store").string();
  const std::string other = "file://" + (folder / "other").string();
  const ProfilesHome home("# stores\n\n  prod = " + uri + "  \nnext=" + other + "\n");
  REQUIRE(home.Run({"set", "@prod", "payments", "orders:0=5", "--execute"}).code == 0);
  CHECK(Offsetctl({"get", uri, "payments", "--output", "csv"}).OutHas("payments,orders,0,5"));
  CHECK(home.Run({"export", "@prod", "--as", "kafka-csv"}).OutHas("orders,0,5"));
  const Ran migrated = home.Run({"migrate",
                                 "--from",
                                 "@prod",
                                 "--to=@next",
                                 "--execute",
                                 "--yes",
                                 "--sample-interval",
                                 "0",
                                 "--second-look",
                                 "0",
                                 "--state-dir",
                                 (folder / "state").string()});
  INFO(migrated.err);
  CHECK(migrated.code == 0);
  const Ran same = home.Run({"diff", "@prod", "@next"});
  CHECK(same.code == 0);
  CHECK(same.ErrHas("1 equal"));
}

TEST_CASE("the file of profiles is in ~/.config where XDG_CONFIG_HOME is no absolute path") {
  const TempDir home;
  std::filesystem::create_directories(home / ".config/offsetctl");
  WriteFile(home / ".config/offsetctl/profiles", "here=memory:\n");
  for (const char* config : {"XDG_CONFIG_HOME=", "XDG_CONFIG_HOME=relative"}) {
    CAPTURE(config);
    const Words words = {
        "/usr/bin/env", config, "HOME=" + home.path().string(), OFFSETCTL, "groups", "@here"};
    CHECK(Offsetctl(words).code == 0);
  }
}

TEST_CASE("every argument and option that is a store takes a profile") {
  const ProfilesHome home("here=memory:\n");
  std::size_t tried = 0;
  for (const std::string& command : HelpCommands()) {
    const Help help = HelpOf(command);
    for (const std::string& store : help.stores) {
      CAPTURE(command);
      CAPTURE(store);
      Words words = {command};
      if (store.starts_with('-')) {
        words.push_back(store);
      } else {
        for (const std::string& before : help.arguments) {
          if (before == store) break;
          words.emplace_back("memory:");
        }
      }
      words.emplace_back("@nowhere");
      const Ran ran = home.Run(words);
      INFO(ran.err);
      CHECK(ran.code == 2);
      CHECK(ran.ErrHas(store + ": there is no profile 'nowhere' in " + home.file().string()));
      ++tried;
    }
  }
  CHECK(tried >= 20);
}

TEST_CASE("a profile that cannot be used is told with its file, and its line") {
  const auto says = [](std::string_view file, const char* word, const std::string& text) {
    CAPTURE(word);
    const ProfilesHome home(file);
    const Ran ran = home.Run({"groups", word});
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.out.empty());
    std::string expected = text;
    const std::size_t at = expected.find("FILE");
    if (at != std::string::npos) expected.replace(at, 4, home.file().string());
    CHECK(ran.ErrHas(expected));
  };
  const char* good = "prod=memory:\ndev=memory:\n";
  says(good, "@", "'@' is a profile without its name");
  says(good, "@prdo", "no profile 'prdo' in FILE; did you mean 'prod'? (known: prod, dev)");
  says(good, "@somewhere", "no profile 'somewhere' in FILE (known: prod, dev)");
  says("", "@prod", "no profile 'prod' in FILE (known: none)");
  says("a=memory:\nb=@a\n", "@b", "FILE:2: profile 'b' names another profile");
  says("a=\n", "@a", "FILE:1: profile 'a' has no URI behind the '='");
  says("a=nothing\n", "@a", "FILE:1: profile 'a' is no URI of a store: ");
  says("a=memory:\nkafka://b1:9092\n", "@a", "FILE:2: the line has no '='");
  says("a=memory:\na=file:///x\n", "@a", "FILE:2: the line repeats key 'a' of line 1");
  says("\x01\x02\xff", "@a", "FILE:1: the line is not UTF-8 text");
}

TEST_CASE("where there is no file of profiles, its place is told") {
  const TempDir folder;
  const std::string path = folder.path().string();
  const Ran none =
      Offsetctl({"/usr/bin/env", "XDG_CONFIG_HOME=" + path, OFFSETCTL, "groups", "@prod"});
  CHECK(none.code == 2);
  CHECK(none.ErrHas("there is no file of profiles, " + path + "/offsetctl/profiles; write it"));
  const Ran nowhere = Offsetctl(
      {"/usr/bin/env", "-u", "XDG_CONFIG_HOME", "-u", "HOME", OFFSETCTL, "groups", "@prod"});
  CHECK(nowhere.code == 2);
  CHECK(nowhere.ErrHas("neither XDG_CONFIG_HOME nor HOME is an absolute path"));
}

TEST_CASE("a password in a profile is never shown, and who else can see it is told") {
  const std::string secret = "planted-in-a-profile";
  // Nobody listens on port 1.
  const ProfilesHome home(
      "store=redis://app:" + secret + "@127.0.0.1:1\nbad=redis://app:" + secret +
      "@127.0.0.1:port\ntwo=dual:?primary=memory:&secondary=redis:" + "//app:" + secret +
      "%40127.0.0.1:1\n" + secret + "\n");
  const auto run = [&](const char* profile) {
    Ran ran = home.Run({"groups", profile, "--timeout", "2s"});
    INFO(ran.err);
    CHECK((ran.out + ran.err).find(secret) == std::string::npos);
    return ran;
  };
  CHECK(run("@store").ErrHas(":4: the line has no '='"));
  const std::string text = ReadFile(home.file());
  WriteFile(home.file(), text.substr(0, text.rfind(secret)));
  const Ran mine = run("@store");
  CHECK(mine.code == 5);
  CHECK(IsOneComplaint(mine.err));
  CHECK(run("@bad").ErrHas(":2: profile 'bad' is no URI of a store: "));
  CHECK(run("@nobody").code == 2);

  std::filesystem::permissions(home.file(), std::filesystem::perms(0640));
  const Ran seen = run("@store");
  CHECK(seen.code == 5);
  CHECK(seen.ErrHas("warning: " + home.file().string() + ":1 holds a password, and other users"));
  CHECK_FALSE(seen.ErrHas("password in the URI"));
  CHECK(run("@two").ErrHas(":3 holds a password"));
}

TEST_CASE("a password in a URI of the command line is told once, whatever the command") {
  const std::string uri = "redis://app:planted-here@127.0.0.1:1";
  for (const Words& words : {Words{"groups", uri, "--timeout", "2s"},
                             Words{"doctor", uri, "--timeout", "2s"},
                             Words{"export", uri, "--as", "json", "--timeout", "2s"},
                             Words{"migrate", "--from", "memory:", "--to", uri, "--timeout", "2s"},
                             Words{"schema", uri}}) {
    CAPTURE(words);
    const Ran ran = Offsetctl(words);
    INFO(ran.err);
    CHECK_FALSE(ran.ErrHas("planted-here"));
    const std::string warning = "warning: a password in the URI can be seen by other users";
    CHECK(ran.ErrHas(warning));
    CHECK(ran.err.find(warning) == ran.err.rfind(warning));
  }
}

}  // namespace
}  // namespace offsetstore::testing
