// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "manual/manual_page.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "exit_code.h"
#include "manual/roff.h"
#include "offsetstore/version.h"

namespace offsetstore::cli {
namespace {

constexpr std::string_view kProgram = "offsetctl";

constexpr std::string_view kAboutPositions =
    "A position is the offset of the next record to read. It belongs to a group and a partition of "
    "a topic, and is kept in a store: in Kafka, ZooKeeper, an SQL database, Redis, or files.";
constexpr std::string_view kAboutStores =
    "A store is named by its URI; `offsetctl stores` lists the kinds of stores with an example of "
    "each. Passwords belong into `password-file=` or `password-env=` of the URI. Instead of a URI, "
    "`@NAME` is the one of that profile: see FILES.";
constexpr std::string_view kAboutChanges =
    "Commands that change positions show what they would do, and change nothing without "
    "`--execute`.";
constexpr std::string_view kAboutProfiles =
    "Profiles: a line `NAME=URI` for each, and comments that begin with `#`. `@NAME` stands for "
    "the URI wherever a store is asked for. Only its owner should be able to read it where it "
    "holds "
    "a password.";

/// `Show the positions` -> `show the positions`, for the line by which a page is found.
std::string AsName(std::string text) {
  while (text.ends_with('.')) text.pop_back();
  const bool word = text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0;
  if (word) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string Ended(std::string text) {
  if (text.empty()) return text;
  const bool ended = std::string_view(".:!?").find(text.back()) != std::string_view::npos;
  return ended ? text : text + '.';
}

std::string AsSentence(std::string text) {
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return Ended(std::move(text));
}

std::string Listed(const std::vector<std::string>& words, std::string_view mark) {
  std::string out;
  for (const std::string& word : words) {
    out += out.empty() ? "" : ", ";
    out += mark;
    out += word;
    out += mark;
  }
  return out;
}

std::string Invocation(const CommandShape& command) {
  const std::string program(kProgram);
  return command.name == program ? program : program + " " + command.name;
}

std::string Reference(const std::string& page) {
  return RoffBold(page) + "(1)";
}

/// `--from STORE-URI`, the name in bold.
std::string WithValue(const ArgumentShape& option) {
  std::string out = RoffBold(option.names.back());
  if (!option.type.empty()) out += " " + RoffItalic(option.type);
  return out;
}

std::string Synopsis(const CommandShape& command, std::string_view last = {}) {
  std::string out = RoffBold(Invocation(command));
  for (const ArgumentShape& option : command.options) {
    if (option.required) out += " " + WithValue(option);
  }
  out += " [" + RoffItalic("OPTION") + "]...";
  for (const ArgumentShape& argument : command.arguments) {
    out += argument.required ? " " : " [";
    out += RoffItalic(argument.names.front());
    out += argument.required ? "" : "]";
    out += argument.repeated ? "..." : "";
  }
  return last.empty() ? out : out + " " + std::string(last);
}

/// What --help says in a line, and what its objects know beside that.
std::string MeaningOf(const ArgumentShape& argument) {
  // As it is: its first word may be one that is to be typed.
  std::vector<std::string> sentences = {Ended(argument.help)};
  const auto add = [&](const char* what, const std::string& words) {
    if (!words.empty()) sentences.push_back(what + words + ".");
  };
  const bool told = std::ranges::all_of(argument.choices, [&](const std::string& choice) {
    return argument.help.find(choice) != std::string::npos;
  });
  if (!told) add("One of ", Listed(argument.choices, "`"));
  if (!argument.limits.empty()) sentences.push_back(argument.limits + ".");
  add("Needs ", Listed(argument.needs, "`"));
  add("Not together with ", Listed(argument.excludes, "`"));
  if (!argument.default_text.empty()) add("Default: ", "`" + argument.default_text + "`");
  if (argument.required && argument.names.front().starts_with('-'))
    sentences.emplace_back("Required.");
  std::string out;
  for (const std::string& sentence : sentences) out += (out.empty() ? "" : " ") + sentence;
  return RoffMarked(out);
}

std::string Tag(const ArgumentShape& argument) {
  if (!argument.names.front().starts_with('-')) {
    return RoffItalic(argument.names.front()) + (argument.repeated ? "..." : "");
  }
  std::string out;
  for (const std::string& name : argument.names) out += (out.empty() ? "" : ", ") + RoffBold(name);
  if (!argument.type.empty()) out += " " + RoffItalic(argument.type);
  return out + (argument.repeated ? " ..." : "");
}

void AddEntries(RoffPage& page,
                std::string_view title,
                const std::vector<ArgumentShape>& arguments) {
  if (arguments.empty()) return;
  page.Section(title);
  for (const ArgumentShape& argument : arguments) page.Entry(Tag(argument), MeaningOf(argument));
}

void AddExitStatus(RoffPage& page) {
  page.Section("EXIT STATUS");
  for (const ExitMeaning& exit : ExitMeanings()) {
    std::string text = AsSentence(std::string(exit.meaning));
    if (!exit.advice.empty()) text += " " + AsSentence(std::string(exit.advice));
    page.Entry(RoffBold(exit.codes), RoffMarked(text));
  }
}

/// What of the surroundings matters to the program, or to one command.
struct Surroundings {
  bool profiles = false;
  bool state = false;
  bool output = false;
};

void AddSurroundings(RoffPage& page, const Surroundings& what) {
  if (!what.profiles && !what.state && !what.output) return;
  page.Section("ENVIRONMENT");
  if (what.profiles) {
    page.Entry(RoffBold("XDG_CONFIG_HOME"),
               RoffMarked("Where `offsetctl/profiles` is looked for instead of `~/.config`."));
  }
  if (what.state) {
    page.Entry(RoffBold("XDG_STATE_HOME"),
               RoffMarked("Where the folder `offsetctl` is instead of `~/.local/state`."));
  }
  if (what.output) {
    page.Entry(RoffBold("NO_COLOR"), RoffText("Where it is not empty, no colours are shown."));
  }
  if (!what.profiles && !what.state) return;
  page.Section("FILES");
  if (what.profiles)
    page.Entry(RoffItalic("~/.config/offsetctl/profiles"), RoffMarked(kAboutProfiles));
  if (what.state) {
    page.Entry(RoffItalic("~/.local/state/offsetctl"),
               RoffText("Plans, journals and the history of migrations."));
  }
}

void AddExamples(RoffPage& page, const CommandShape& command) {
  if (!command.examples_about.empty()) {
    page.Paragraph(RoffText(AsSentence(command.examples_about)));
  }
  page.Code([&] {
    std::vector<std::string> lines;
    for (const std::string& line : command.examples) lines.push_back(RoffText(line));
    return lines;
  }());
}

RoffPage Begin(const CommandShape& command) {
  RoffPage page(PageName(command), "offsetctl " + std::string(Version()));
  page.Section("NAME");
  page.Paragraph(RoffText(PageName(command)) + " \\- " + RoffText(AsName(command.description)));
  return page;
}

}  // namespace

std::string PageName(const CommandShape& command) {
  std::string name = Invocation(command);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string CommandPage(const CommandShape& command) {
  RoffPage page = Begin(command);
  page.Section("SYNOPSIS");
  page.Paragraph(Synopsis(command));
  page.Section("DESCRIPTION");
  page.Paragraph(RoffText(AsSentence(command.description)));
  if (!command.notes.empty()) page.Paragraph(RoffText(command.notes));
  if (command.TakesStore()) page.Paragraph(RoffMarked(kAboutStores));
  AddEntries(page, "ARGUMENTS", command.arguments);
  AddEntries(page, "OPTIONS", command.options);
  AddExitStatus(page);
  AddSurroundings(page,
                  {.profiles = command.TakesStore(),
                   .state = command.Has("--state-dir"),
                   .output = command.Has("--output")});
  if (!command.examples.empty()) {
    page.Section("EXAMPLES");
    AddExamples(page, command);
  }
  page.Section("SEE ALSO");
  page.Paragraph(Reference(std::string(kProgram)));
  return std::move(page).Take();
}

std::string ProgramPage(const CommandShape& program, const std::vector<CommandShape>& commands) {
  RoffPage page = Begin(program);
  page.Section("SYNOPSIS");
  page.Paragraph(Synopsis(program, RoffItalic("COMMAND") + " ..."));
  page.Section("DESCRIPTION");
  page.Paragraph(RoffText(AsSentence(program.description)));
  for (const std::string_view about : {kAboutPositions, kAboutStores, kAboutChanges}) {
    page.Paragraph(RoffMarked(about));
  }
  if (!program.notes.empty()) page.Paragraph(RoffText(program.notes));
  page.Section("COMMANDS");
  for (const CommandShape& command : commands) {
    page.Entry(RoffBold(command.name), RoffText(AsSentence(command.description)));
  }
  AddEntries(page, "OPTIONS", program.options);
  AddExitStatus(page);
  AddSurroundings(page, {.profiles = true, .state = true, .output = true});
  page.Section("EXAMPLES");
  for (const CommandShape& command : commands) {
    page.Paragraph(RoffText(command.description + ":"));
    AddExamples(page, command);
  }
  page.Section("SEE ALSO");
  std::string pages;
  for (const CommandShape& command : commands) {
    pages += (pages.empty() ? "" : ", ") + Reference(PageName(command));
  }
  page.Paragraph(pages);
  return std::move(page).Take();
}

}  // namespace offsetstore::cli
