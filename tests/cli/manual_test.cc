// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// The manual pages, as the program prints them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "help.h"
#include "program.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

using Page = std::vector<std::string>;

std::string PageOf(const std::string& command) {
  const Ran ran = command.empty() ? Offsetctl({"man"}) : Offsetctl({"man", command});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  REQUIRE(ran.err.empty());
  return ran.out;
}

std::vector<std::string> AllPages() {
  std::vector<std::string> commands = HelpCommands();
  commands.emplace_back();  // That of the program.
  return commands;
}

/// What roff makes of the page's text, without its fonts.
std::string Shown(std::string text) {
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  };
  for (const char* font : {"\\fB", "\\fI", "\\fR", "\\&"}) replace(font, "");
  replace("\\-", "-");
  replace("\\(aq", "'");
  replace("\\(dq", "\"");
  replace("\\(ga", "`");
  replace("\\(ha", "^");
  replace("\\(ti", "~");
  replace("\\(rs", "\x01");
  CHECK(text.find('\\') == std::string::npos);  // There is no other escape.
  replace("\x01", "\\");
  return text;
}

/// The requests of man(7) in a page, in their order.
std::vector<std::string> RequestsOf(const Page& page) {
  std::vector<std::string> requests;
  for (const std::string& line : page) {
    if (line.starts_with('.')) requests.push_back(line.substr(0, line.find(' ')));
  }
  return requests;
}

/// Each `.TP` has a line of text for its tag and one for what it means.
bool TagsHaveText(const Page& page) {
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] != ".TP") continue;
    if (i + 2 >= page.size() || page[i + 1].starts_with('.') || page[i + 2].starts_with('.')) {
      return false;
    }
  }
  return true;
}

/// Every font that a line changes to ends in it.
bool FontsEnd(const std::string& line) {
  bool changed = false;
  for (std::size_t at = 0; (at = line.find("\\f", at)) != std::string::npos; at += 3) {
    const char font = line.at(at + 2);
    if ((font == 'R') != changed) return false;
    changed = font != 'R';
  }
  return !changed;
}

TEST_CASE("every page is roff as man(7) says, whatever the texts hold") {
  const std::set<std::string> known = {
      ".TH", ".SH", ".PP", ".TP", ".RS", ".RE", ".EX", ".EE", ".ad", ".nh"};
  for (const std::string& command : AllPages()) {
    CAPTURE(command);
    const Page page = Lines(PageOf(command));
    const auto requests = RequestsOf(page);
    for (const std::string& request : requests) {
      CAPTURE(request);
      CHECK(known.contains(request));
    }
    CHECK(requests.front() == ".TH");
    CHECK(std::ranges::count(requests, ".TH") == 1);
    CHECK(std::ranges::count(requests, ".EX") == std::ranges::count(requests, ".EE"));
    CHECK(std::ranges::count(requests, ".RS") == std::ranges::count(requests, ".RE"));
    CHECK(TagsHaveText(page));
    for (const std::string& line : page) {
      CAPTURE(line);
      CHECK_FALSE(line.empty());
      CHECK_FALSE(line.starts_with('\''));
      CHECK(FontsEnd(line));
    }
  }
}

TEST_CASE("a page has its sections, in the order in which people look for them") {
  for (const std::string& command : AllPages()) {
    CAPTURE(command);
    std::vector<std::string> sections;
    for (const std::string& line : Lines(PageOf(command))) {
      if (line.starts_with(".SH ")) sections.push_back(line.substr(5, line.size() - 6));
    }
    const std::vector<std::string> order = {"NAME",
                                            "SYNOPSIS",
                                            "DESCRIPTION",
                                            "COMMANDS",
                                            "ARGUMENTS",
                                            "OPTIONS",
                                            "EXIT STATUS",
                                            "ENVIRONMENT",
                                            "FILES",
                                            "EXAMPLES",
                                            "SEE ALSO"};
    std::vector<std::string> wanted;
    for (const std::string& section : order) {
      if (std::ranges::find(sections, section) != sections.end()) wanted.push_back(section);
    }
    CHECK(sections == wanted);
    for (const char* section :
         {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
      CAPTURE(section);
      CHECK(std::ranges::find(sections, section) != sections.end());
    }
  }
}

TEST_CASE("a page names each option and argument that --help names") {
  for (const std::string& command : HelpCommands()) {
    CAPTURE(command);
    const Page page = Lines(Shown(PageOf(command)));
    const auto tagged = [&](const std::string& name) {
      for (std::size_t i = 1; i < page.size(); ++i) {
        if (page[i - 1] != ".TP") continue;
        const std::size_t at = page[i].find(name);
        if (at == std::string::npos) continue;
        const std::string after = page[i].substr(at + name.size(), 1);
        if (after.empty() || after == " " || after == "," || after == ".") return true;
      }
      return false;
    };
    const Help help = HelpOf(command);
    for (const std::string& option : help.options) {
      CAPTURE(option);
      CHECK(tagged(option));
    }
    for (const std::string& argument : help.arguments) {
      CAPTURE(argument);
      CHECK(tagged(argument));
    }
  }
}

TEST_CASE("a page says what --help says: choices, defaults, examples") {
  const std::string groups = Shown(PageOf("groups"));
  CHECK(groups.find("table (for people), json or csv") != std::string::npos);
  CHECK(groups.find("Default: table.") != std::string::npos);
  CHECK(groups.find("Default: 10s.") != std::string::npos);
  CHECK(groups.find("offsetctl groups [OPTION]... STORE-URI\n") != std::string::npos);
  CHECK(groups.find("\n  offsetctl") == std::string::npos);
  const std::string doctor = Shown(PageOf("doctor"));
  CHECK(doctor.find("One of os-crash, power-loss, process, process-crash, replica-loss. Default: "
                    "power-loss.") != std::string::npos);
  const std::string consume = Shown(PageOf("consume"));
  // As the user writes it, backslashes and all.
  CHECK(consume.find("\n  --format '%t %p %o %k %s\\n' --into orders.log") != std::string::npos);
  CHECK(consume.find("offsetctl consume --config FILE [OPTION]...\n") != std::string::npos);
  const std::string program = Shown(PageOf(""));
  for (const std::string& command : HelpCommands()) {
    CAPTURE(command);
    CHECK(program.find(".TP\n" + command + "\n") != std::string::npos);
    CHECK(program.find("offsetctl-" + command + "(1)") != std::string::npos);
  }
  CHECK(program.find("demo-store") == std::string::npos);
}

TEST_CASE("all pages go into a folder") {
  const TempDir folder;
  const std::filesystem::path man1 = folder / "share/man1";
  const Ran ran = Offsetctl({"man", "--folder", man1.string()});
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  std::size_t pages = 0;
  for (const std::string& command : AllPages()) {
    CAPTURE(command);
    const std::string name = "offsetctl" + (command.empty() ? "" : "-" + command) + ".1";
    CHECK(ReadFile(man1 / name) == PageOf(command));
    ++pages;
  }
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(man1)) ++files;
  CHECK(files == pages);
  const Ran full = Offsetctl({"man", "--folder", "/dev/null/man1"});
  CHECK(full.code == 9);
  CHECK(full.ErrHas("/dev/null/man1/offsetctl.1: "));
}

TEST_CASE("a page of a command that is not there is a usage error") {
  const Ran ran = Offsetctl({"man", "gett"});
  CHECK(ran.code == 2);
  CHECK(IsOneComplaint(ran.err));
  CHECK(ran.ErrHas("unknown command 'gett'; did you mean 'get'?"));
  CHECK(Offsetctl({"man", "demo-store"}).code == 2);
  CHECK(Offsetctl({"man", "get", "--folder", "/tmp"}).code == 2);
  CHECK(Offsetctl({"man"}, "/dev/full").code == 9);
}

TEST_CASE("groff has nothing to say against any page") {
  if (!std::filesystem::exists("/usr/bin/groff")) {
    const bool in_ci = std::getenv("CI") != nullptr;
    CHECK_FALSE_MESSAGE(in_ci, "groff is missing");
    MESSAGE("NOT CHECKED: groff is not installed (apt-get install groff-base)");
    return;
  }
  for (const std::string& command : AllPages()) {
    CAPTURE(command);
    const TempDir folder;
    const std::string page = (folder / "page.1").string();
    WriteFile(page, PageOf(command));
    const Ran ran = Offsetctl({"/usr/bin/groff", "-man", "-Tutf8", "-P-cbou", "-ww", page});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(ran.OutHas("EXIT STATUS"));
  }
}

}  // namespace
}  // namespace offsetstore::testing
