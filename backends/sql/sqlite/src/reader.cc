// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "busy_wait.h"
#include "internal/macros.h"
#include "sqlite_error.h"

namespace offsetstore::sql {
namespace {

// A page ends at a group name, and no bytes at all are a name too. The mark keeps the place after
// the empty name apart from the start.
constexpr char kAfter = '>';

}  // namespace

Result<std::unique_ptr<Reader>> Reader::Open(Connection connection, std::string space) {
  sqlite3* db = connection->getHandle();
  if (connection->tryExec("PRAGMA query_only = ON") != SQLITE_OK) {
    return SqliteError(db, "configure the connection");
  }
  OS_ASSIGN_OR_RETURN(Statement begin, Statement::Prepare(db, "BEGIN"));
  OS_ASSIGN_OR_RETURN(Statement end, Statement::Prepare(db, "ROLLBACK"));
  OS_ASSIGN_OR_RETURN(PositionTable table, PositionTable::Prepare(db, std::move(space)));
  return std::unique_ptr<Reader>(
      new Reader(std::move(connection), std::move(begin), std::move(end), std::move(table)));
}

Reader::Reader(Connection connection, Statement begin, Statement end, PositionTable table) noexcept
    : connection_(std::move(connection)),
      begin_(std::move(begin)),
      end_(std::move(end)),
      table_(std::move(table)) {}

template <class T, class F>
Result<T> Reader::Inside(Deadline deadline, F read) {
  sqlite3* db = connection_->getHandle();
  OS_RETURN_IF_ERROR(CheckStillThere(db));
  Result<T> result = MakeError(ErrorCode::kInternal, "nothing was read");
  const auto attempt = [&]() -> int {
    int code = begin_.Run();
    if (code != SQLITE_DONE) {
      result = SqliteError(db, "begin");
      return code;
    }
    result = read();
    code = result ? SQLITE_DONE : static_cast<int>(result.error().native);
    // Nothing was written; the end only gives the snapshot back.
    static_cast<void>(end_.Run());
    return code;
  };
  if (IsBusy(WhileBusy(deadline, attempt))) return BusyError(db);
  return result;
}

Answers<Read> Reader::Fetch(std::string_view group, const Selection& selection, Deadline deadline) {
  return Inside<std::vector<Read>>(deadline, [&] { return FetchOnce(group, selection); });
}

Result<GroupPage> Reader::ListGroups(const PageRequest& page, Deadline deadline) {
  return Inside<GroupPage>(deadline, [&] { return ListOnce(page); });
}

Answers<Read> Reader::FetchOnce(std::string_view group, const Selection& selection) {
  std::vector<Read> reads;
  table_.Use(group);
  for (const TopicPartition& at : selection.partitions) {
    OS_ASSIGN_OR_RETURN(Found found, table_.ReadOne(at));
    reads.push_back(found ? internal::ToRead(at, *std::move(found))
                          : Read{.at = at, .slot = std::move(found).error(), .claim = {}});
  }
  std::vector<std::string_view> topics(selection.topics.begin(), selection.topics.end());
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  for (const std::string_view topic : topics) OS_RETURN_IF_ERROR(table_.ReadTopic(topic, reads));
  if (selection.partitions.empty() && topics.empty()) OS_RETURN_IF_ERROR(table_.ReadGroup(reads));
  return reads;
}

Result<GroupPage> Reader::ListOnce(const PageRequest& page) {
  GroupPage answer;
  std::optional<std::string> last;
  if (!page.after.empty()) last = page.after.substr(1);
  for (;;) {
    OS_ASSIGN_OR_RETURN(std::optional<std::string> group, table_.NextGroup(last));
    if (!group) return answer;
    if (answer.groups.size() == page.limit) break;
    answer.groups.push_back(*group);
    last = std::move(group);
  }
  answer.next = kAfter + answer.groups.back();
  answer.last = false;
  return answer;
}

}  // namespace offsetstore::sql
