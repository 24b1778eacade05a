// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The completion for bash, run by bash.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "help.h"
#include "profiles_home.h"

namespace offsetstore::testing {
namespace {

const char* const kProfiles =
    "# prod=of a comment\n  prod = "
    "redis://u:planted-secret@h\npre-prod=memory:\ndev=memory:\njunk\n";

/// What is offered for the last of `words`, bash having cut nothing.
Words Offered(const ProfilesHome& home, const Words& words) {
  const std::string script =
      "source <(\"$1\" completion bash); shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
      "_offsetctl; [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"";
  Words all = {"/usr/bin/env",
               "XDG_CONFIG_HOME=" + home.Folder(),
               "bash",
               "--norc",
               "-uc",
               script,
               "bash",
               OFFSETCTL,
               "offsetctl"};
  all.insert(all.end(), words.begin(), words.end());
  const Ran ran = Offsetctl(all);
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
  Words offered = Lines(ran.out);
  std::ranges::sort(offered);
  return offered;
}

/// What a line becomes that is typed on a terminal, tabs and all: the words that bash runs.
Words Typed(const ProfilesHome& home, const std::string& line) {
  const TempDir folder;
  const std::string rc = (folder / "rc").string();
  const std::string input = (folder / "input").string();
  const std::string ran = (folder / "ran").string();
  WriteFile(rc,
            "source <('" + std::string(OFFSETCTL) + "' completion bash)\ncd '" +
                folder.path().string() + "'\noffsetctl() { printf '%s\\n' \"$@\" >'" + ran +
                "'; }\n");
  WriteFile(input, line + "\nexit\n");
  WriteFile(folder / "some-file.plan", "");
  const std::string shell = "bash --noprofile --rcfile " + rc + " -i";
  const std::string command = "XDG_CONFIG_HOME='" + home.Folder() + "' TERM=dumb script -qec '" +
                              shell + "' /dev/null <" + input;
  const Ran terminal = Offsetctl({"/usr/bin/timeout", "30", "/bin/sh", "-c", command});
  INFO(terminal.out);
  CHECK(terminal.code == 0);
  return Lines(ReadFile(ran));
}

Words Sorted(Words words) {
  std::ranges::sort(words);
  return words;
}

TEST_CASE("commands are offered, and what begins like the word") {
  const ProfilesHome home(kProfiles);
  CHECK(Offered(home, {""}) == Sorted(HelpCommands()));
  CHECK(Offered(home, {"mig"}) == Words{"migrate"});
  CHECK(Offered(home, {"g"}) == Words{"get", "groups"});
  CHECK(Offered(home, {"xyz"}).empty());
  CHECK(Offered(home, {"man", "gro"}) == Words{"groups"});
  CHECK(Offered(home, {"--"}) == Words{"--help", "--version"});
}

TEST_CASE("each command offers the options that its --help names") {
  const ProfilesHome home(kProfiles);
  for (const std::string& command : HelpCommands()) {
    CAPTURE(command);
    CHECK(Offered(home, {command, "-"}) == Sorted(HelpOf(command).options));
  }
  CHECK(Offered(home, {"export", "memory:", "--exclude-t"}) == Words{"--exclude-topic"});
}

TEST_CASE("the choices of an option are offered, whichever way it is written") {
  const ProfilesHome home(kProfiles);
  CHECK(Offered(home, {"groups", "memory:", "--output", ""}) == Words{"csv", "json", "table"});
  CHECK(Offered(home, {"groups", "--output", "j"}) == Words{"json"});
  CHECK(Offered(home, {"groups", "--output=j"}) == Words{"--output=json"});
  CHECK(Offered(home, {"export", "memory:", "--as", "k"}) == Words{"kafka-csv"});
  CHECK(Offered(home, {"migrate", "--on-conflict", "s"}) == Words{"skip", "source"});
  CHECK(Offered(home, {"completion", ""}) == Words{"bash"});
  CHECK(Offered(home, {"doctor", "memory:", "--durability", "p"}) ==
        Words{"power-loss", "process", "process-crash"});
  // That of another command is none of this one's.
  CHECK(Offered(home, {"groups", "--as", "k"}).empty());
}

TEST_CASE("profiles are offered where a store is asked for, and for a word that begins with @") {
  const ProfilesHome home(kProfiles);
  const Words all = {"@dev", "@pre-prod", "@prod"};
  CHECK(Offered(home, {"groups", ""}) == all);
  CHECK(Offered(home, {"groups", "@p"}) == Words{"@pre-prod", "@prod"});
  CHECK(Offered(home, {"groups", "--timeout", "1s", "@pro"}) == Words{"@prod"});
  CHECK(Offered(home, {"diff", "@dev", ""}) == all);
  CHECK(Offered(home, {"migrate", "--from", ""}) == all);
  CHECK(Offered(home, {"migrate", "--to=@d"}) == Words{"--to=@dev"});
  CHECK(Offered(home, {"get", "@dev", "@d"}) == Words{"@dev"});
  CHECK(Offered(home, {"get", "@dev", ""}).empty());
  CHECK(Offered(home, {"groups", "sqlite:"}).empty());
  CHECK(Offered(home, {"get", "--", ""}) == all);
  const ProfilesHome none("");
  CHECK(Offered(none, {"groups", ""}).empty());
  std::filesystem::remove(none.file());
  CHECK(Offered(none, {"groups", "@"}).empty());
}

TEST_CASE("on a terminal the word is completed, though bash cuts it at @, : and =") {
  const ProfilesHome home(kProfiles);
  CHECK(Typed(home, "offsetctl mig\t") == Words{"migrate"});
  CHECK(Typed(home, "offsetctl groups @pro\t--out\tjs\t") ==
        Words{"groups", "@prod", "--output", "json"});
  CHECK(Typed(home, "offsetctl migrate --from=@d\t --to @dev") ==
        Words{"migrate", "--from=@dev", "--to", "@dev"});
  CHECK(Typed(home, "offsetctl groups \"@de\t") == Words{"groups", "@dev"});
  CHECK(Typed(home, "offsetctl groups memory: --output=\tj\t") ==
        Words{"groups", "memory:", "--output=json"});
  // What is neither is a file.
  CHECK(Typed(home, "offsetctl apply so\t") == Words{"apply", "some-file.plan"});
  CHECK(Typed(home, "offsetctl groups sqlite:so\t") == Words{"groups", "sqlite:some-file.plan"});
  CHECK(Typed(home, "offsetctl groups --output so\t") == Words{"groups", "--output", "so"});
}

TEST_CASE("the completion is clean bash, and reads no secret out") {
  const Ran script = Offsetctl({"completion", "bash"});
  CHECK(script.code == 0);
  CHECK(script.err.empty());
  const TempDir folder;
  WriteFile(folder / "offsetctl.bash", script.out);
  const Ran checked = Offsetctl({"/usr/bin/shellcheck", (folder / "offsetctl.bash").string()});
  INFO(checked.out);
  CHECK(checked.code == 0);
  const ProfilesHome home(kProfiles);
  for (const std::string& word : Offered(home, {"groups", ""})) {
    CHECK(word.find("planted-secret") == std::string::npos);
  }
  CHECK(Offsetctl({"completion"}).code == 2);
  const Ran other = Offsetctl({"completion", "fish"});
  CHECK(other.code == 2);
  CHECK(other.ErrHas("fish not in {bash}"));
}

}  // namespace
}  // namespace offsetstore::testing
