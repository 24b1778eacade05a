// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "scripts.h"

namespace offsetstore::redis {

/// One command as the server's protocol writes it (RESP arrays of binary-safe words).
class Command {
 public:
  Command(std::initializer_list<std::string_view> words);
  /// A call of `script`; the words that follow are the number of keys, the keys, the arguments.
  explicit Command(Script script) : script_(script) {}

  void Add(std::string_view word);

  /// Appends it to `wire`. `sha` names a script to a server that holds it; empty: its text goes
  /// along.
  void AppendTo(std::string& wire, std::string_view sha) const;

  [[nodiscard]] Script script() const noexcept { return script_; }

  /// It speaks of those before it (`WAIT`): where one of them is run again, so is this.
  Command& Follows() noexcept {
    follows_ = true;
    return *this;
  }
  [[nodiscard]] bool follows() const noexcept { return follows_; }

 private:
  Script script_ = Script::kNone;
  bool follows_ = false;
  std::size_t words_ = 0;
  std::string body_;
};

}  // namespace offsetstore::redis
