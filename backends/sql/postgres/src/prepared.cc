// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "prepared.h"

#include <utility>

namespace offsetstore::postgres {

Prepared::Plan Prepared::MakePlan(std::span<const Command> commands) const {
  Plan plan;
  std::set<std::string> now = names_;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    Command command = commands[i];
    if (command.kind == Command::Kind::kRun && command.parameters.count() > 0) {
      if (now.insert(command.statement->name).second) {
        plan.commands.push_back({Command::Kind::kPrepare, command.statement, {}});
        plan.origin.push_back(i);
      }
      command.kind = Command::Kind::kRunPrepared;
    }
    plan.commands.push_back(std::move(command));
    plan.origin.push_back(i);
  }
  return plan;
}

Replies Prepared::Take(Replies all, const Plan& plan) {
  Replies replies;
  replies.cut = std::move(all.cut);
  replies.sent = all.sent;
  for (std::size_t i = 0; i < all.results.size(); ++i) {
    const Command& command = plan.commands[i];
    if (command.kind != Command::Kind::kPrepare) {
      replies.results.push_back(std::move(all.results[i]));
    } else if (PQresultStatus(all.results[i].get()) == PGRES_COMMAND_OK) {
      names_.insert(command.statement->name);
    } else {
      // What it was prepared for was skipped: the answer is this one.
      replies.results.push_back(std::move(all.results[i]));
      ++i;
    }
  }
  return replies;
}

}  // namespace offsetstore::postgres
