// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

TEST_CASE("without a command, or with one that is not there, it is a usage error") {
  for (const Words& words : {Words{},
                             Words{"frobnicate"},
                             Words{"get"},
                             Words{"get", "memory:"},
                             Words{"groups"},
                             Words{"set", "memory:", "g"},
                             Words{"consume"},
                             Words{"groups", "memory:", "--output", "xml"},
                             Words{"groups", "memory:", "--timeout", "10"},
                             Words{"groups", "memory:", "--timeout", "soon"},
                             Words{"groups", "memory:", "--frobnicate"},
                             Words{"get", "memory:", "g", "t", "--topic", "t"},
                             Words{"get", "memory:", "g", "--partitions", "1"},
                             Words{"demo", "--kills", "0"},
                             Words{"groups", "memory:", "--timeout", "0"},
                             Words{"groups", "memory:", "--timeout", "0ms"},
                             Words{"consume", "--config", ""},
                             Words{"consume", "--config", "/dev/null", "--into", ""},
                             Words{"consume", "--config", "x", "--max-records", "0"},
                             Words{"consume", "--config", "x", "--max-records", "-1"},
                             Words{"consume", "--config", "x", "--max-records", "0x10"},
                             Words{"demo", "--store", ""},
                             Words{"demo", "--seed", "18446744073709551617"},
                             Words{"demo", "--kills", "many"},
                             Words{"demo", "--records", "-5"}}) {
    CAPTURE(words);
    const Ran ran = Offsetctl(words);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.out.empty());
  }
}

TEST_CASE("a word that nobody takes is named, with the nearest that somebody does") {
  const auto says = [](const Words& words, const std::string& text) {
    CAPTURE(words);
    const Ran ran = Offsetctl(words);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(IsOneComplaint(ran.err));
    CHECK(ran.ErrHas(text));
  };
  says({"gett", "memory:"}, "unknown command 'gett'; did you mean 'get'? (known: stores, groups,");
  says({"frobnicate"}, "unknown command 'frobnicate' (known: stores,");
  says({"--versoin"}, "'--versoin' is no option of offsetctl; did you mean '--version'?");
  says({"get", "memory:", "-x"}, "'-x' is no option of get (a name that begins with '-' comes");
  says({"groups", "memory:", "--timout", "1s"},
       "'--timout' is no option of groups; did you mean "
       "'--timeout'?");
  says({"groups", "memory:", "--pin=1234"}, "'--pin' is no option");
  says({"groups", "memory:", "more"}, "'more' is one argument too many for groups");
  says({"get", "memory:"}, "GROUP is required");
  says({"get", "memory:", "--", "g", "--topic", "t"},
       "'t' is one argument too many for get: all that stands behind '--' are names");
}

TEST_CASE("a long name is cut in a line for people, and what stands around it stays") {
  const std::string name(60000, 'n');
  const Ran ran = Offsetctl({"get", "memory:", name});
  CHECK(ran.code == 0);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.err.size() < 1000);
  CHECK(ran.ErrHas("nothing is stored for group 'nnn"));
  CHECK(ran.ErrHas("bytes more) there\n"));
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\u00e4";
  CHECK(Offsetctl({"get", "memory:", umlauts}).ErrHas("\u00e4...("));
  CHECK(Offsetctl({"get", "memory:", "n" + umlauts}).ErrHas("\u00e4...("));
}

TEST_CASE("a number that does not fit is told as such") {
  const Ran ran = Offsetctl({"consume", "--config", "x", "--max-records", "18446744073709551617"});
  CHECK(ran.code == 2);
  CHECK(ran.ErrHas("--max-records: '18446744073709551617' is too large"));
}

TEST_CASE("the form of the output is taken in any case") {
  const std::string json = Offsetctl({"stores", "--output", "json"}).out;
  CHECK(json.front() == '{');
  for (const char* form : {"JSON", "Json"}) {
    const Ran ran = Offsetctl({"stores", "--output", form});
    CHECK(ran.code == 0);
    CHECK(ran.out == json);
  }
}

TEST_CASE("every command explains itself with an example") {
  for (const char* command : {"stores", "groups", "get", "set", "delete", "consume", "demo"}) {
    CAPTURE(command);
    const Ran ran = Offsetctl({command, "--help"});
    CHECK(ran.code == 0);
    CHECK(ran.OutHas("Example"));
    CHECK(ran.OutHas(std::string("offsetctl ") + command));
    CHECK(ran.err.empty());
  }
  const Ran all = Offsetctl({"--help"});
  CHECK(all.code == 0);
  CHECK(all.OutHas("consume"));
  CHECK_FALSE(all.OutHas("demo-store"));
}

TEST_CASE("the version tells both libraries") {
  const Ran ran = Offsetctl({"--version"});
  CHECK(ran.code == 0);
  CHECK(ran.out.rfind("offsetctl ", 0) == 0);
  CHECK(ran.OutHas("librdkafka"));
}

TEST_CASE("stores lists the kinds of stores in every form") {
  CHECK(Offsetctl({"stores"}).OutHas("memory"));
  const auto json = nlohmann::json::parse(Offsetctl({"stores", "--output", "json"}).out);
  bool file = false;
  for (const auto& store : json["stores"]) file = file || store["name"] == "file";
  CHECK(file);
  CHECK(Lines(Offsetctl({"stores", "--output", "csv"}).out)[0] ==
        "name,schemes,built,example,summary");
}

TEST_CASE("colours are for terminals only") {
  const std::string command = std::string(OFFSETCTL) + " stores";
  CHECK(Offsetctl({"/usr/bin/script", "-qec", command, "/dev/null"}).OutHas("\x1b[1m"));
  CHECK_FALSE(
      Offsetctl({"/usr/bin/script", "-qec", "NO_COLOR=1 " + command, "/dev/null"}).OutHas("\x1b"));
  CHECK_FALSE(Offsetctl({"stores"}).OutHas("\x1b"));
}

TEST_CASE("a full disk under standard output is told") {
  const Ran ran = Offsetctl({"stores"}, "/dev/full");
  CHECK(ran.code == 9);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("No space left"));
}

TEST_CASE("a closed pipe is told, and is no crash") {
  Running running({"stores"}, Running::Output::kPipe);
  running.ClosePipe();
  const Ran ran = running.Wait();
  // The pipe may have taken everything before it was closed.
  CHECK((ran.code == 9 || ran.code == 0));
}

}  // namespace
}  // namespace offsetstore::testing
