// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What the manual and the completion are made from.
#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <string>

#include "manual/bash_completion.h"
#include "manual/command_shape.h"
#include "manual/manual_page.h"
#include "manual/roff.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

using Words = std::vector<std::string>;

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A command line with one of each.
struct Sample {
  CLI::App app{"Does things.", "offsetctl"};
  std::string store;
  std::string to;
  std::string form;
  std::vector<std::string> names;
  int count = 0;
  bool all = false;

  Sample() {
    CLI::App* command = app.add_subcommand("try", "Try it");
    AddStoreUri(*command, "STORE-URI", store, "The store")->required();
    command->add_option("NAME", names, "Its names")->type_name("");
    AddStoreUri(*command, "--to", to, ".dotted help")->required();
    CLI::Option* shape = command->add_option("-f,--form", form, "The form")
                             ->check(CLI::IsMember({"one", "two"}))
                             ->type_name("FORM")
                             ->default_str("one");
    command->add_option("--count", count, "How many: a\\b")
        ->type_name("A:B")
        ->check(CLI::Range(1, 9))
        ->needs(shape);
    command->add_flag("--all", all, "Everything")->excludes(shape);
    command->footer("Mind the gap.\nExamples (that change nothing):\n  offsetctl try x\n    'y'");
    app.add_subcommand("hidden", "Not for people")->group("");
  }
};

TEST_CASE("the shape of a command is read off its parser") {
  Sample sample;
  const std::vector<CommandShape> commands = ShapesOfCommands(sample.app);
  REQUIRE(commands.size() == 1);
  const CommandShape& shape = commands.front();
  CHECK(shape.name == "try");
  CHECK(shape.notes == "Mind the gap.");
  CHECK(shape.examples_about == "that change nothing");
  CHECK(shape.examples == Words{"offsetctl try x", "  'y'"});
  REQUIRE(shape.arguments.size() == 2);
  CHECK(shape.arguments[0].takes == Takes::kStore);
  CHECK(shape.arguments[0].required);
  CHECK(shape.arguments[1].repeated);
  REQUIRE(shape.options.size() == 5);
  CHECK(shape.options[0].names == Words{"-h", "--help"});
  CHECK(shape.options[0].takes == Takes::kNothing);
  CHECK(shape.options[1].type == "STORE-URI");
  CHECK(shape.options[1].takes == Takes::kStore);
  CHECK(shape.options[2].type == "FORM");
  CHECK(shape.options[2].choices == Words{"one", "two"});
  CHECK(shape.options[2].default_text == "one");
  CHECK(shape.options[3].type == "A:B");
  CHECK(shape.options[3].limits == "INT in [1 - 9]");
  CHECK(shape.options[3].needs == Words{"--form"});
  CHECK(shape.options[4].excludes == Words{"--form"});
}

TEST_CASE("roff takes nothing of a text for its own") {
  CHECK(RoffText("a-b \\n '\"`^~") == "a\\-b \\(rsn \\(aq\\(dq\\(ga\\(ha\\(ti");
  CHECK(RoffText("two\nlines") == "two lines");
  CHECK(RoffMarked("say `--yes`.") == "say \\fB\\-\\-yes\\fR.");
  RoffPage page("x", "y");
  page.Paragraph(RoffText(".TH is no request, nor is"));
  page.Code({RoffText("'x")});
  const std::string text = std::move(page).Take();
  CHECK(Holds(text, "\n\\&.TH is"));
  CHECK(Holds(text, "\n\\(aqx\n"));
}

TEST_CASE("a page says all that the parser knows") {
  Sample sample;
  const std::string page = CommandPage(ShapesOfCommands(sample.app).front());
  CHECK(Holds(page, ".TH \"OFFSETCTL\\-TRY\" 1 "));
  CHECK(Holds(page, "\noffsetctl\\-try \\- try it\n"));
  CHECK(Holds(page,
              "\n\\fBoffsetctl try\\fR \\fB\\-\\-to\\fR \\fISTORE\\-URI\\fR "
              "[\\fIOPTION\\fR]... \\fISTORE\\-URI\\fR [\\fINAME\\fR]...\n"));
  CHECK(Holds(page, "\n\\fB\\-f\\fR, \\fB\\-\\-form\\fR \\fIFORM\\fR\n"));
  CHECK(Holds(page,
              "\nThe form. One of \\fBone\\fR, \\fBtwo\\fR. "
              "Not together with \\fB\\-\\-all\\fR. Default: \\fBone\\fR.\n"));
  CHECK(Holds(page, "\nHow many: a\\(rsb. INT in [1 \\- 9]. Needs \\fB\\-\\-form\\fR.\n"));
  CHECK(Holds(page, "\nEverything. Not together with \\fB\\-\\-form\\fR.\n"));
  CHECK(Holds(page, "\n\\&.dotted help. Required.\n"));
  CHECK(Holds(page, "\nMind the gap.\n"));
  CHECK(Holds(page, "\nThat change nothing.\n"));
  CHECK(Holds(page, "\n  \\(aqy\\(aq\n"));
}

TEST_CASE("the completion knows what each option takes") {
  Sample sample;
  const std::string text = BashCompletion(ShapeOf(sample.app), ShapesOfCommands(sample.app));
  CHECK(Holds(text, "commands='try'"));
  CHECK(Holds(text, "options='-h --help --to -f --form --count --all'"));
  CHECK(Holds(text, "valued='--to -f --form --count'"));
  CHECK(Holds(text, "'try -f' | 'try --form')\n      takes='one two'"));
  CHECK(Holds(text, "'try 1' | 'try --to')\n      takes='store'"));
  CHECK_FALSE(Holds(text, "hidden"));
}

}  // namespace
}  // namespace offsetstore::cli
