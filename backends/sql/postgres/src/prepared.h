// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pipeline.h"

namespace offsetstore::postgres {

/// Which of our statements a session has prepared. They are prepared on first use, in the same
/// pipeline.
class Prepared {
 public:
  /// Commands with what must be prepared before them; `origin` says which each one was.
  struct Plan {
    std::vector<Command> commands;
    std::vector<std::size_t> origin;
  };
  [[nodiscard]] Plan MakePlan(std::span<const Command> commands) const;

  /// Notes what is prepared now; returns what came back for the commands that the plan was made of.
  [[nodiscard]] Replies Take(Replies all, const Plan& plan);

  [[nodiscard]] const std::set<std::string>& names() const noexcept { return names_; }
  void Forget() noexcept { names_.clear(); }

 private:
  std::set<std::string> names_;
};

}  // namespace offsetstore::postgres
