// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Every command line that the documents and the help texts show is one that offsetctl takes.
#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "app.h"
#include "offsetstore/builtin.h"

namespace offsetstore::cli {
namespace {

struct Shown {
  std::string where;
  std::string line;
};

/// The words of a shell's command line up to the first pipe or redirection; none where it is a
/// pattern of one (`[--execute]`, `...`).
std::optional<std::vector<std::string>> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  const auto end_word = [&] {
    if (in_word) words.push_back(word);
    word.clear();
    in_word = false;
  };
  for (const char c : line) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ') {
      end_word();
    } else if (c == '|' || c == '>' || c == '#') {
      break;
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  const auto is_pattern = [](const std::string& one) { return one == "..." || one[0] == '['; };
  if (std::any_of(words.begin(), words.end(), is_pattern)) return std::nullopt;
  return words;
}

void AddLines(std::vector<Shown>& shown, const std::string& where, std::istream& in) {
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t at = line.find_first_not_of("$ ");
    if (at == std::string::npos || line.compare(at, 10, "offsetctl ") != 0) continue;
    line.erase(0, at);
    for (std::string more; line.back() == '\\' && std::getline(in, more);) {
      line.back() = ' ';
      line += more;
    }
    shown.push_back({where, line});
  }
}

/// Of the fenced parts of each page: elsewhere a line may begin with the name by chance.
std::vector<Shown> InDocuments() {
  std::vector<Shown> shown;
  const std::filesystem::path root = OFFSETSTORE_SOURCE_DIR;
  std::vector<std::filesystem::path> pages = {root / "README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  for (const auto& page : pages) {
    std::ifstream in(page);
    std::string line;
    std::stringstream fenced;
    bool inside = false;
    while (std::getline(in, line)) {
      const std::size_t at = line.find_first_not_of(" 0123456789.");
      if (at != std::string::npos && line.compare(at, 3, "```") == 0) {
        inside = !inside;
      } else if (inside) {
        fenced << line << '\n';
      }
    }
    AddLines(shown, page.filename().string(), fenced);
  }
  return shown;
}

std::vector<Shown> InHelp(const BackendRegistry& registry) {
  std::vector<Shown> shown;
  Job job;
  const auto app = MakeApp(registry, job);
  for (const CLI::App* command : app->get_subcommands({})) {
    std::istringstream footer(command->get_footer());
    AddLines(shown, command->get_name() + " --help", footer);
  }
  return shown;
}

void CheckTaken(const BackendRegistry& registry, const Shown& shown) {
  CAPTURE(shown.where);
  CAPTURE(shown.line);
  auto words = WordsOf(shown.line);
  if (!words) return;
  words->erase(words->begin());
  std::reverse(words->begin(), words->end());
  Job job;
  const auto app = MakeApp(registry, job);
  std::string why;
  try {
    app->parse(*words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) why = error.what();
  }
  CHECK(why == "");
}

}  // namespace

TEST_CASE("every command line of the documents and of --help is one that offsetctl takes") {
  BackendRegistry registry;
  REQUIRE(RegisterBuiltinBackends(registry));
  const std::vector<Shown> documents = InDocuments();
  const std::vector<Shown> help = InHelp(registry);
  CHECK(documents.size() >= 40);
  CHECK(help.size() >= 20);
  for (const Shown& shown : documents) CheckTaken(registry, shown);
  for (const Shown& shown : help) CheckTaken(registry, shown);
}

}  // namespace offsetstore::cli
