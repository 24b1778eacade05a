// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/testing/awkward_names.h"

#include <utility>

namespace offsetstore::testing {
namespace {

using Names = std::vector<std::string>;
using namespace std::string_literals;

// A broker refuses a topic that differs from another one only by `.` against `_`, so no two do.
Names KafkaNames() {
  return {"n",    "N",         "n-a", "N-a", "n.b",  "n_c", "n--a", "-",
          "...",  ".n",        "n.",  "0",   "00",   "n-1", "n-01", "n-1-",
          "null", "consumers", "n-0", "n-a", "n-A1", "1e3", "-1",   "n.d.e"};
}

/// What a path, a URI or a percent-encoding may take for something else.
Names PathNames() {
  return {"n:b",     "n::b",  ":",      "n/b", "/",   "//",  "/n",    "n/",
          "../n",    "./n",   "n/../n", "%",   "%25", "n%b", "n%2Fb", "n%2fb",
          "n%252Fb", "n%00b", "n?b",    "n#b", "~",   "n\\"};
}

/// What a line, a column, a statement or a pattern may take for something else.
Names LineNames() {
  return {" ",    "  ",     "n ",    " n",        "n b",  "n\nb", "n\n", "n\\nb", "n\\x0ab",
          "n\rb", "n\r\nb", "n\tb",  "n\x1b[31m", "\x7f", "n|b",  "n,b", "n=b",   "n;b",
          "n'b",  "n\"b",   "'; --", "n{1}",      "{n}",  "n*",   "n_b", "$n"};
}

/// Characters beyond ASCII: composed and decomposed, two cases, a byte order mark.
Names WideNames() {
  return {"\xc3\xa9",
          "e\xcc\x81",
          "\xc3\x89",
          "\xe2\x82\xac",
          "\xf0\x9f\x98\x80",
          "\xe6\x97\xa5\xe6\x9c\xac",
          "\xef\xbb\xbfn"};
}

Names InvalidText() {
  return {"\xff", "n\xc3\x28", "\xc0\x80", "\xed\xa0\x80", "\xc3", "n\0b"s, "\0"s, "n\0"s};
}

void Append(Names& names, Names more) {
  for (auto& name : more) names.push_back(std::move(name));
}

void AppendText(Names& names) {
  Append(names, PathNames());
  Append(names, LineNames());
  Append(names, WideNames());
}

/// Each name once: the lists may share some.
Names Distinct(const Names& names) {
  Names distinct;
  for (const auto& name : names) {
    bool known = false;
    for (const auto& other : distinct) known = known || other == name;
    if (!known) distinct.push_back(name);
  }
  return distinct;
}

}  // namespace

std::vector<std::string> AwkwardTopics(NameDomain domain, std::size_t longest) {
  Names names = KafkaNames();
  if (longest >= 249) {
    names.push_back(std::string(249, 'n'));
    names.push_back(std::string(248, 'n') + 'm');
    names.push_back(std::string(248, 'n'));
  }
  if (domain != NameDomain::kKafkaTopic) {
    Append(names, {"", ".", ".."});
    AppendText(names);
  }
  if (domain == NameDomain::kAny) Append(names, InvalidText());
  return Distinct(names);
}

std::vector<std::string> AwkwardGroups(NameDomain domain,
                                       std::string_view tag,
                                       std::size_t longest) {
  Names ends = KafkaNames();
  Append(ends, {".", "..", ""});
  AppendText(ends);
  if (domain == NameDomain::kAny) Append(ends, InvalidText());
  Names names;
  for (const auto& end : ends) {
    names.push_back(std::string(tag) + end);
  }
  names.emplace_back(std::string(tag) + std::string(longest < 249 ? 1 : 249 - tag.size(), 'n'));
  if (domain != NameDomain::kKafkaTopic) {
    Append(names, {"", " ", ".", "..", "/", "%", "../n", ":", "\n", "_", "n", "N"});
  }
  return Distinct(names);
}

std::vector<std::string> TopicsOutside(NameDomain domain) {
  if (domain == NameDomain::kAny) return {};
  Names names = InvalidText();
  if (domain == NameDomain::kKafkaTopic) {
    Append(names,
           {"", ".", "..", "n b", "n/b", "n:b", "n%b", "n\n", "\xc3\xa9", std::string(250, 'n')});
  }
  return names;
}

std::vector<std::string> GroupsOutside(NameDomain domain) {
  return domain == NameDomain::kAny ? Names{} : InvalidText();
}

}  // namespace offsetstore::testing
