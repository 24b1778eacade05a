// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "commands.h"
#include "internal/macros.h"
#include "internal/rules.h"
#include "rows.h"

namespace offsetstore::postgres {
namespace {

// A page ends at a group name, and no bytes at all are a name too. The mark keeps the place after
// the empty name apart from the start.
constexpr char kAfter = '>';

// Groups of one page, whatever the caller asks for.
constexpr std::size_t kLargestPage = 100'000;

Read ToRead(TopicPartition at, Found found) {
  if (found) return internal::ToRead(std::move(at), *std::move(found));
  return {.at = std::move(at), .slot = std::move(found).error(), .claim = {}};
}

void AppendNamed(const PGresult* result,
                 const std::vector<TopicPartition>& partitions,
                 std::vector<Read>& to) {
  for (const TopicPartition& at : partitions)
    to.push_back(internal::ToRead(at, internal::NoRecord()));
  for (int i = 0; i < PQntuples(result); ++i) {
    FoundRow row = ToFoundRow(result, i);
    to[row.key] = ToRead(partitions[row.key], std::move(row.found));
  }
}

void AppendVisible(const PGresult* result, std::vector<Read>& to) {
  to.reserve(to.size() + static_cast<std::size_t>(PQntuples(result)));
  for (int i = 0; i < PQntuples(result); ++i) {
    FoundRow row = ToFoundRow(result, i);
    if (row.found && !internal::IsVisible(*row.found)) continue;
    to.push_back(ToRead(std::move(row.at), std::move(row.found)));
  }
}

Command TopicsCommand(const Statement& statement,
                      const Scope& scope,
                      const std::vector<std::string>& topics) {
  ArrayBuilder array(kText, topics.size());
  for (const std::string& topic : topics) array.Bytes(topic);
  Parameters parameters;
  parameters.Text(scope.space).Text(scope.group).Array(std::move(array));
  return Command::Run(statement, std::move(parameters));
}

}  // namespace

Result<std::vector<PgResult>> Reader::Run(std::vector<Command> commands, Deadline deadline) {
  return OnConnection(
      backing_, deadline, [&](Connection& connection) -> Result<std::vector<PgResult>> {
        Transaction transaction(
            connection, backing_.statements, Transaction::Kind::kRead, backing_.prepare, deadline);
        OS_ASSIGN_OR_RETURN(Transaction::Finished finished, transaction.Whole(commands));
        return std::move(finished.results);
      });
}

Answers<Read> Reader::Fetch(std::string_view group, const Selection& selection, Deadline deadline) {
  const Statements& all = backing_.statements;
  const Scope scope{backing_.space, group};
  const bool everything = selection.partitions.empty() && selection.topics.empty();
  std::vector<Command> commands;
  if (!selection.partitions.empty()) {
    Keys keys;
    for (const TopicPartition& at : selection.partitions) keys.push_back(&at);
    commands.push_back(KeyedCommand(all.read_rows, scope, keys));
  }
  if (!selection.topics.empty()) {
    commands.push_back(TopicsCommand(all.read_topics, scope, selection.topics));
  }
  if (everything) {
    Parameters parameters;
    parameters.Text(scope.space).Text(scope.group);
    commands.push_back(Command::Run(all.read_group, std::move(parameters)));
  }
  OS_ASSIGN_OR_RETURN(const std::vector<PgResult> results, Run(std::move(commands), deadline));
  std::vector<Read> reads;
  std::size_t next = 0;
  if (!selection.partitions.empty()) {
    AppendNamed(results[next++].get(), selection.partitions, reads);
  }
  if (next < results.size()) AppendVisible(results[next].get(), reads);
  return reads;
}

Result<GroupPage> Reader::ListGroups(const PageRequest& page, Deadline deadline) {
  const Statements& all = backing_.statements;
  Parameters parameters;
  const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, kLargestPage);
  parameters.Text(backing_.space).Int8(static_cast<std::int64_t>(limit) + 1);
  const bool first = page.after.empty();
  if (!first) parameters.Text(std::string_view(page.after).substr(1));
  std::vector<Command> commands;
  commands.push_back(
      Command::Run(first ? all.first_groups : all.next_groups, std::move(parameters)));
  OS_ASSIGN_OR_RETURN(const std::vector<PgResult> results, Run(std::move(commands), deadline));
  const PGresult* groups = results.front().get();
  GroupPage answer;
  for (int row = 0; row < PQntuples(groups); ++row) {
    if (answer.groups.size() == limit) {
      answer.next = kAfter + answer.groups.back();
      answer.last = false;
      break;
    }
    answer.groups.emplace_back(BytesAt(groups, row, 0));
  }
  return answer;
}

}  // namespace offsetstore::postgres
