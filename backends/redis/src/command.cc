// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "command.h"

namespace offsetstore::redis {
namespace {

void AppendWord(std::string& wire, std::string_view word) {
  wire += '$';
  wire += std::to_string(word.size());
  wire += "\r\n";
  wire += word;
  wire += "\r\n";
}

}  // namespace

Command::Command(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) Add(word);
}

void Command::Add(std::string_view word) {
  AppendWord(body_, word);
  ++words_;
}

void Command::AppendTo(std::string& wire, std::string_view sha) const {
  wire += '*';
  wire += std::to_string(words_ + (script_ == Script::kNone ? 0 : 2));
  wire += "\r\n";
  if (script_ != Script::kNone) {
    AppendWord(wire, sha.empty() ? "EVAL" : "EVALSHA");
    AppendWord(wire, sha.empty() ? TextOf(script_) : sha);
  }
  wire += body_;
}

}  // namespace offsetstore::redis
